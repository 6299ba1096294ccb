/** Longest line: a thousand entries of usual size at once. */
const LINE_LIMIT = 32 * 2 ** 20;

/** The JSON values of a stream, one on each line. Ends when a line is longer than 32 MiB or no JSON: its reader begins anew then. */
export async function* jsonLines(body: AsyncIterable<Uint8Array>): AsyncGenerator<unknown> {
  let parts: Uint8Array[] = [];
  let size = 0;
  for await (let piece of body) {
    for (let end = piece.indexOf(10); end >= 0; end = piece.indexOf(10)) {
      const value = parsed(Buffer.concat([...parts, piece.subarray(0, end)]).toString());
      if (value === undefined) return;
      yield value;
      piece = piece.subarray(end + 1);
      parts = [];
      size = 0;
    }
    size += piece.length;
    if (size > LINE_LIMIT) return;
    if (piece.length > 0) parts.push(piece);
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

const HTTP = 'HTTP/1.';
const CR = 0x0d;
const LF = 0x0a;
const COLON = 0x3a;

/** A table of what may stand where: 1 for the bytes that `pattern` matches. */
const bytesLike = (pattern: RegExp): Uint8Array =>
  Uint8Array.from({ length: 256 }, (_, byte) => (pattern.test(String.fromCharCode(byte)) ? 1 : 0));

const TEXT = bytesLike(/[\t\x20-\x7e\x80-\xff]/);
const NAME = bytesLike(/[!#$%&'*+.^_`|~0-9A-Za-z-]/);

/** Is each line after the first a header, without controls or half a line end in any of them. */
export function isWellFormed(head: string): boolean {
  let nameAt = -1;
  for (let at = 0; at < head.length; at++) {
    const code = head.charCodeAt(at);
    if (code === CR) {
      if (nameAt !== -1 || head.charCodeAt(++at) !== LF) return false;
      nameAt = at + 1;
    } else if (nameAt === -1) {
      if (TEXT[code] !== 1) return false;
    } else if (code === COLON && at > nameAt) nameAt = -1;
    else if (NAME[code] !== 1) return false;
  }
  return nameAt === -1;
}

/** Could this be the beginning of a head: one that is none has no end to wait for. */
export function mayBeHead(bytes: Buffer): boolean {
  const start = bytes.toString('latin1', 0, HTTP.length);
  if (!HTTP.startsWith(start)) return false;
  const lineEnd = bytes.indexOf(LF);
  return lineEnd === -1 || bytes[lineEnd - 1] === CR;
}

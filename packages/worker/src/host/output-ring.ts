import { StringDecoder } from 'node:string_decoder';
import { causeText } from '@smmf/server';

const MAX_LINES = 20;
const MAX_LINE = 300;

/** Keeps the last lines that a process wrote. */
export interface OutputRing {
  /** Hands lines that are complete now to `onLine`, cut to a sane length. */
  attach(stream: NodeJS.ReadableStream | null): void;
  /** The last 20 lines, oldest first, credentials taken out. */
  lines(): readonly string[];
}

/** A ring over all streams that are attached to it. */
export function createOutputRing(onLine: (line: string) => void): OutputRing {
  const kept: string[] = [];
  const keep = (raw: string): void => {
    const line = raw.trimEnd().slice(0, MAX_LINE);
    if (line === '') return;
    kept.push(line);
    if (kept.length > MAX_LINES) kept.shift();
    onLine(line);
  };
  return {
    attach(stream) {
      const decoder = new StringDecoder('utf8');
      let rest = '';
      stream?.on('data', (chunk: Buffer) => {
        const pieces = (rest + decoder.write(chunk)).split(/\r\n|\r|\n/);
        rest = (pieces.pop() ?? '').slice(-MAX_LINE);
        for (const piece of pieces) keep(piece);
      });
      stream?.on('end', () => keep(rest));
    },
    lines: () => kept.map((line) => causeText(line) ?? ''),
  };
}

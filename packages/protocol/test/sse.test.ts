import { describe, expect, it } from 'vitest';
import { createSseFramer, encodeSse, parseSseEvent, splitSse } from '../src/index.ts';
import { seeded } from './random-body.ts';

const ENDS = ['\n', '\r\n', '\r'];
const PAYLOADS = ['{"a":1}', 'héllo wörld', '😀😀', '[DONE]', '{"text":"line\\nbreak"}', '', ' leading', 'a:b'];

interface Written {
  readonly bytes: Buffer;
  readonly data: string[];
}

/** A stream in one kind of line end, with comments, unknown fields and data over several lines. */
function write(random: () => number): Written {
  const end = ENDS[Math.floor(random() * ENDS.length)] as string;
  const data: string[] = [];
  let text = '';
  for (let index = 0; index < 8; index++) {
    if (random() < 0.3) text += `: comment ${index}${end}`;
    if (random() < 0.2) text += `event: message${end}retry: 10${end}`;
    const lines = Array.from(
      { length: 1 + Math.floor(random() * 3) },
      () => PAYLOADS[Math.floor(random() * PAYLOADS.length)] as string,
    );
    text += lines.map((line) => `data: ${line}${end}`).join('') + end;
    data.push(lines.join('\n'));
  }
  return { bytes: Buffer.from(text), data };
}

function decode(pieces: readonly Buffer[]): { data: string[]; bytes: Buffer } {
  const framer = createSseFramer();
  const data: string[] = [];
  const seen: Buffer[] = [];
  for (const piece of pieces) {
    const events = framer.push(piece);
    seen.push(Buffer.from(events));
    for (const event of splitSse(events)) {
      const parsed = parseSseEvent(event);
      if (parsed.data !== undefined) data.push(parsed.data);
    }
  }
  return { data, bytes: Buffer.concat([...seen, framer.rest]) };
}

describe('the event stream decoder', () => {
  it('survives 10,000 random cuts, in every line end, and loses no byte', () => {
    const random = seeded(3);
    for (let round = 0; round < 10_000; round++) {
      const { bytes, data } = write(random);
      const cuts = Array.from({ length: 1 + Math.floor(random() * 6) }, () => Math.floor(random() * bytes.length)).sort(
        (a, b) => a - b,
      );
      const pieces = [0, ...cuts].map((from, index) => bytes.subarray(from, cuts[index] ?? bytes.length));
      const decoded = decode(pieces);
      expect(decoded.data).toEqual(data);
      expect(decoded.bytes.equals(bytes)).toBe(true);
    }
  });

  it('survives a cut after every single byte', () => {
    const { bytes, data } = write(seeded(4));
    expect(decode(Array.from(bytes, (byte) => Buffer.from([byte]))).data).toEqual(data);
  });

  it('hands on nothing of an event that is not complete', () => {
    const framer = createSseFramer();
    expect(framer.push(Buffer.from('data: a\n')).length).toBe(0);
    expect(framer.push(Buffer.from('\ndata: b')).toString()).toBe('data: a\n\n');
    expect(framer.rest.toString()).toBe('data: b');
  });

  it('reads fields as the standard says', () => {
    expect(parseSseEvent(Buffer.from('\ufeffevent: e\nid: 7\ndata:no space\ndata\nfoo: bar\n:c\n\n'))).toEqual({
      event: 'e',
      id: '7',
      data: 'no space\n',
    });
    expect(parseSseEvent(Buffer.from(encodeSse('a\nb', 'e')))).toEqual({ event: 'e', data: 'a\nb' });
  });
});

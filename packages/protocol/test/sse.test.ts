import { describe, expect, it } from 'vitest';
import { createSseFramer, encodeSse, endOfSseEvent, parseSseEvent, SSE_DONE, splitSse } from '../src/index.ts';
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

  it.each(['\n\n', '\r\r', '\r\n\r\n', '\n\r\n', '\n\r', '\r\n\n', '\r\n\r'])(
    'knows %j as the end of an event',
    (end) => {
      const framer = createSseFramer();
      expect(framer.push(Buffer.from(`data: a${end}data: b`)).toString()).toBe(`data: a${end}`);
      expect(framer.rest.toString()).toBe('data: b');
    },
  );

  it('knows no single line end as the end of an event', () => {
    for (const end of ['\n', '\r', '\r\n']) {
      const text = `event: e${end}data: a${end}`;
      const framer = createSseFramer();
      expect(framer.push(Buffer.from(text)).length).toBe(0);
      expect(framer.rest.toString()).toBe(text);
      expect(endOfSseEvent(Buffer.from(text), 0)).toBe(text.length);
    }
  });

  it('takes a blank line alone for an event, at the start of a stream, too', () => {
    for (const blank of ['\n', '\r\n', '\r']) {
      const text = `${blank}data: a\n\n${blank}`;
      expect(createSseFramer().push(Buffer.from(text)).toString()).toBe(text);
      expect(splitSse(Buffer.from(text)).map(String)).toEqual([blank, 'data: a\n\n', blank]);
    }
  });

  it('hands on a blank line at the start while the event after it is not complete', () => {
    const framer = createSseFramer();
    expect(framer.push(Buffer.from('\ndata: a')).toString()).toBe('\n');
    expect(framer.rest.toString()).toBe('data: a');
  });

  it('finds the end of an event from where it begins, whatever stands before', () => {
    const bytes = Buffer.from('data: a\n\ndata: b\r\n\r\ndata: c');
    expect([0, 9, 20].map((begin) => endOfSseEvent(bytes, begin))).toEqual([9, 20, 27]);
  });

  it('keeps nothing back once an event is whole, and copies no bytes of a whole chunk', () => {
    const framer = createSseFramer();
    const whole = Buffer.from('data: a\n\n');
    expect(framer.push(whole)).toBe(whole);
    expect(framer.rest.length).toBe(0);
    framer.push(Buffer.from('data: b'));
    expect(framer.push(Buffer.from('\n\n')).toString()).toBe('data: b\n\n');
    expect(framer.rest.length).toBe(0);
  });

  it('reads a field that has no colon, no value or more colons, and drops one space only', () => {
    const read = (text: string) => parseSseEvent(Buffer.from(text));
    expect(read('data:  two\n\n')).toEqual({ data: ' two' });
    expect(read('data: a: b\r\rid\r\n\r\n')).toEqual({ data: 'a: b', id: '' });
    expect(read(': data: no\n\n')).toEqual({});
    expect(read('data: \ufeffkept\n\n')).toEqual({ data: '\ufeffkept' });
  });

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
});

it('an event is written with its name, if it has one, and a line for each line of its data', () => {
  expect(encodeSse('a')).toBe('data: a\n\n');
  expect(encodeSse('a\r\nb\rc\nd', 'e')).toBe('event: e\ndata: a\ndata: b\ndata: c\ndata: d\n\n');
  expect(SSE_DONE).toBe('data: [DONE]\n\n');
});

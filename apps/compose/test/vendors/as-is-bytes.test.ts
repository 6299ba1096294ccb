import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Dialect, Json } from './dialect.ts';
import { chatBody, type Gateway, openGateway, post } from './gateway.ts';
import { seeded } from './malform.ts';
import { USAGE } from './said.ts';
import { pluginOf, testedVendors } from './vendor-list.ts';

const CHUNKS = 1_000;
const SEED = 20_261_128;

/** Does the vendor's package say that its chunks pass as they are. */
function isAsIs(dialect: Dialect): boolean {
  const source = dirname(pluginOf(dialect));
  const files = readdirSync(source).filter((file) => file.endsWith('.ts'));
  return files.some((file) => readFileSync(join(source, file), 'utf8').includes("chunks: 'as-is'"));
}

type Random = () => number;
const pick = <T>(random: Random, from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;

const WORDS = ['Wien', ' 24 °C', '晴', '🌤️', '"', '\\', '\n', '\u2028', ' ', '</script>', '\u0001'];
/** What else may stand in a chunk: none of it is ours to read. */
const MORE: readonly Json[] = [
  {},
  { system_fingerprint: 'fp_1', service_tier: null },
  { x_vendor: { id: 'req_1', deep: [1, 2.5e-7, [null, true]] } },
  { obfuscation: 'aZ09' },
];

/** JSON as others write it: white space, escapes, and the order of fields are theirs. */
function written(json: Json, random: Random): string {
  const text = JSON.stringify(json);
  switch (Math.floor(random() * 4)) {
    case 0:
      return text.replaceAll('":', '": ').replaceAll(',"', ', "');
    case 1:
      return text.replaceAll(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
    case 2:
      return text.replaceAll('/', '\\/');
    default:
      return text;
  }
}

/** An event in one of the ways that the standard allows. */
function event(data: string, random: Random): string {
  const end = pick(random, ['\n', '\n', '\r\n']);
  const own = pick(random, ['', '', '', `id: 7${end}`, `event: message${end}`, `: still here${end}${end}`]);
  return `${own}${pick(random, ['data: ', 'data: ', 'data:'])}${data}${end}${end}`;
}

interface Streamed {
  readonly content: string;
  /** The event with usage that SMMF asks for, or none. */
  readonly usage: string;
  readonly end: string;
}

function streamOf(dialect: Dialect): Streamed {
  const random = seeded(SEED);
  const chunk = (choice: Json): string => {
    const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_764_000_000 };
    const choices = [{ index: 0, ...choice }];
    const { chat: model } = dialect.models;
    const json = {
      ...pick(random, MORE),
      ...pick(random, [
        { choices, ...head, model },
        { ...head, model, choices },
      ]),
    };
    return event(written(json, random), random);
  };
  const words = Array.from({ length: CHUNKS - 2 }, () => chunk({ delta: { content: pick(random, WORDS) } }));
  const content = [chunk({ delta: { role: 'assistant' } }), ...words, chunk({ delta: {}, finish_reason: 'stop' })];
  const usage = event(JSON.stringify({ id: 'chatcmpl-1', choices: [], usage: USAGE }), () => 0);
  return { content: content.join(''), usage: dialect.stream.usage === 'asked' ? usage : '', end: 'data: [DONE]\n\n' };
}

/** Bytes in pieces that end anywhere, also within a character. */
function cut(bytes: Buffer): Buffer[] {
  const random = seeded(SEED + 1);
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 1 + Math.floor(random() * 900);
    pieces.push(bytes.subarray(at, end));
    at = end;
  }
  return pieces;
}

const vendors = (await testedVendors()).filter(({ dialect }) => isAsIs(dialect));

it('is asked of each vendor whose chunks pass as they are', () => {
  expect(vendors.map(({ name }) => name)).toEqual(expect.arrayContaining(['openai', 'azure', 'deepseek', 'groq']));
  expect(vendors.map(({ name }) => name)).not.toContain('mistral');
});

describe.each(vendors)('a thousand chunks of $name', ({ dialect }) => {
  const { chat: model } = dialect.models;
  const { content, usage, end } = streamOf(dialect);
  let gateway: Gateway;
  beforeAll(async () => {
    // The public name is the vendor's own, so that there is nothing to write anew.
    gateway = await openGateway(dialect, { [model]: {} });
    const pieces = cut(Buffer.from(content + usage + end));
    const headers = { 'content-type': 'text/event-stream' };
    gateway.vendor.script(({ json }) => (json.stream === true ? { status: 200, headers, pieces } : undefined));
  });
  afterAll(() => gateway.close());

  it.each([
    ['but for the usage that only SMMF asked for', {}, content + end],
    ['usage too, where the client asks for it', { stream_options: { include_usage: true } }, content + usage + end],
  ])('reach the client byte for byte, %s', async (_name, more, wanted) => {
    const body = chatBody(model, 'chat', { ...more, stream: true });
    const response = await post(gateway.url, '/chat/completions', body);
    const got = Buffer.from(await response.arrayBuffer());
    expect(content.match(/^data:/gm)).toHaveLength(CHUNKS);
    // Compared as a whole first: a difference of two long texts is nothing to print.
    if (!got.equals(Buffer.from(wanted))) expect(firstDifference(got.toString(), wanted)).toBeUndefined();
    expect(got).toHaveLength(Buffer.byteLength(wanted));
  });
});

/** Where two texts part, with what stands around. */
function firstDifference(got: string, wanted: string): { got: string; wanted: string } | undefined {
  if (got === wanted) return undefined;
  let at = 0;
  while (at < wanted.length && got[at] === wanted[at]) at++;
  const from = Math.max(0, at - 80);
  return { got: got.slice(from, from + 240), wanted: wanted.slice(from, from + 240) };
}

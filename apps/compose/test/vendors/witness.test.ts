import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, modelOfRow, openBench } from './bench.ts';
import type { Dialect, Json, RequestRow } from './dialect.ts';
import { chatBody } from './gateway.ts';
import { type Reading, readReply } from './reading.ts';
import { createScriptedVendor, type ScriptedVendor } from './scripted-vendor.ts';
import { asEvents, asResponse, type Sdk, sdkFor } from './sdks.ts';
import { readEvents } from './stream-reading.ts';
import { DIALECT_NAMES, readDialect, testedVendors } from './vendor-list.ts';

/** What both must have read alike. */
type Essence = Pick<Reading, 'text' | 'reasoning' | 'usage'> & { readonly calls: readonly string[] };

function essence({ text, reasoning, usage, calls }: Pick<Reading, 'text' | 'reasoning' | 'usage' | 'calls'>): Essence {
  const counts = { prompt: usage?.prompt_tokens, completion: usage?.completion_tokens, total: usage?.total_tokens };
  return { text, reasoning, usage: counts, calls: calls.map((call) => `${call.name} ${call.arguments}`) };
}

/** Every scenario that ends in an answer, as far as the vendor has it. */
function scenariosOf({ tools, parallelTools = true, jsonSchema, images, reasoning, finishes }: Dialect): string[] {
  return [
    'chat',
    'slow',
    'bytes',
    ...(tools ? ['tools', 'turns'] : []),
    ...(tools && parallelTools ? ['two tools'] : []),
    ...(jsonSchema ? ['json'] : []),
    ...(images ? ['image'] : []),
    ...(reasoning ? ['reasoning'] : []),
    ...Object.keys(finishes).map((word) => `finish ${word}`),
  ];
}

/** Streams tell usage unasked, or must be asked for it. */
const forUsage = ({ stream }: Dialect): Json =>
  stream.usage === 'asked' ? { stream_options: { include_usage: true } } : {};

async function readBoth(sdk: Sdk, dialect: Dialect, scenario: string): Promise<{ whole: Essence; streamed: Essence }> {
  const body = chatBody(dialect.models.chat, scenario, dialect.witness.sends);
  return {
    whole: essence(await readReply(asResponse(await sdk.complete(body)))),
    streamed: essence(readEvents(asEvents(await sdk.stream({ ...body, ...forUsage(dialect) })))),
  };
}

const dialects = await Promise.all(DIALECT_NAMES.map(async (name) => ({ name, dialect: await readDialect(name) })));

describe.each(dialects)('the SDK of $name', ({ dialect }) => {
  let vendor: ScriptedVendor;
  beforeAll(async () => {
    vendor = await createScriptedVendor(dialect);
  });
  afterAll(() => vendor.close());

  it.each(scenariosOf(dialect))('reads the scripted vendor without error: %s', async (scenario) => {
    const { whole, streamed } = await readBoth(sdkFor(dialect, vendor.origin), dialect, scenario);
    expect(streamed).toEqual(whole);
    expect(whole.text + whole.calls.join()).not.toBe('');
    expect(whole.usage).toEqual({ prompt: 11, completion: 7, total: 18 });
  });
});

describe.each(await testedVendors())('what SMMF delivers of $name', ({ dialect }) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench(dialect);
  });
  afterAll(() => bench.close());

  it.each(scenariosOf(dialect))('is what its SDK reads: %s', async (scenario) => {
    const { whole, streamed } = await readBoth(sdkFor(dialect, bench.gateway.vendor.origin), dialect, scenario);
    const { sends } = dialect.witness;
    expect(essence(await bench.ask(scenario, sends))).toEqual(whole);
    const asked = { ...sends, stream_options: { include_usage: true } };
    expect(essence(await bench.askStream(scenario, asked))).toEqual(streamed);
  });
});

const lossless = ({ requests }: Dialect): readonly RequestRow[] =>
  requests.filter(({ adjusted = [] }) => adjusted.length === 0);

describe.each(await testedVendors())('what SMMF sends to $name', ({ dialect }) => {
  const { chat } = dialect.models;
  const { differences } = dialect.witness;
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench(dialect);
  });
  afterAll(() => bench.close());

  /** The bodies of the SDK's request and of ours, without the fields that may differ. */
  async function bodies(row: RequestRow, isStreamed: boolean): Promise<[Json, Json]> {
    const { sends, arrives, model = chat } = row;
    const sdk = sdkFor(dialect, bench.gateway.vendor.origin);
    await (isStreamed ? sdk.stream : sdk.complete)(chatBody(model, 'chat', arrives));
    const theirs = bench.arrived().json;
    await (isStreamed ? bench.askStream : bench.ask)('chat', sends, modelOfRow(row));
    const same = (body: Json): Json =>
      Object.fromEntries(Object.entries(body).filter(([name]) => !(name in differences)));
    return [same(theirs), same(bench.arrived().json)];
  }

  it.each(lossless(dialect))('is what its SDK sends: $name', async (row) => {
    for (const isStreamed of [false, true]) {
      const [theirs, ours] = await bodies(row, isStreamed);
      expect(ours).toEqual(theirs);
    }
  });

  it('differs in no field without a reason', () => {
    for (const [name, reason] of Object.entries(differences)) expect(reason, name).toMatch(/\w{3}/);
  });
});

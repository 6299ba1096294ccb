import { describe, expect, it, onTestFinished } from 'vitest';
import { chatReply } from './chat-answers.ts';
import type { Json, Refusal } from './dialect.ts';
import { openAiError } from './error-shapes.ts';
import { chatBody, type Gateway, openGateway, post } from './gateway.ts';
import { type Reading, readReply } from './reading.ts';
import { saidIn } from './said.ts';
import type { Answer, Recorded } from './scripted-vendor.ts';
import { readDialect } from './vendor-list.ts';

const dialect = await readDialect('openai');

const plain = ({ status, body, headers = {} }: Refusal): Answer => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  pieces: [JSON.stringify(body)],
});
const chat = ({ json }: Recorded): Answer => plain({ status: 200, body: chatReply(dialect, saidIn('chat'), json) });
const REFUSED = openAiError(401, { message: 'Incorrect API key provided', code: 'invalid_api_key' });
const limited = (retryAfterS: number): Refusal =>
  openAiError(429, { message: 'Rate limit reached', code: 'rate_limit_exceeded' }, { 'retry-after': `${retryAfterS}` });

type Lane = NonNullable<ReturnType<Gateway['smmf']['inspect']>['instances'][number]['lanes']>[number];

/** A vendor that knows several keys, and what it says to each; undefined: it serves. */
interface KeyVendor {
  readonly gateway: Gateway;
  readonly says: Map<string, Refusal>;
  ask(): Promise<Reading>;
  /** The keys of the chats so far, in their order. */
  shown(): string[];
  /** What each lane is, by its name. */
  lanes(): Record<string, Omit<Lane, 'id'>>;
}

const keyOf = ({ headers }: Recorded): string => String(headers.authorization).replace('Bearer ', '');

async function openKeys(keys: readonly Json[], more: Json = {}): Promise<KeyVendor> {
  const says = new Map<string, Refusal>();
  const script = (request: Recorded): Answer | undefined => {
    if (request.method !== 'POST') return undefined;
    const refusal = says.get(keyOf(request));
    return refusal ? plain(refusal) : chat(request);
  };
  const gateway = await openGateway(dialect, { chat: { apiKey: undefined, keys, ...more } }, { script });
  onTestFinished(() => gateway.close());
  const { url, vendor, smmf } = gateway;
  return {
    gateway,
    says,
    ask: async () => readReply(await post(url, '/chat/completions', chatBody('chat', 'chat'))),
    shown: () => vendor.calls.map(keyOf),
    lanes: () => {
      const [instance] = smmf.inspect().instances;
      return Object.fromEntries((instance?.lanes ?? []).map(({ id, ...lane }) => [id, lane]));
    },
  };
}

const A = { key: 'key-of-a', name: 'a', weight: 3 };
/** So heavy beside the others that it comes first. */
const FIRST = { ...A, weight: 1e12 };
const B = { key: 'key-of-b', name: 'b' };
const READY = { state: 'ready' };

const times = (keys: readonly string[], key: string): number => keys.filter((one) => one === key).length;

/** No failure of a key is one of its instance. */
async function expectNeverEjected({ gateway: { smmf } }: KeyVendor): Promise<void> {
  expect(smmf.inspect().ejections).toBe(0);
  expect(await smmf.controller.instances()).toMatchObject([{ state: 'ready', crashes: 0 }]);
}

describe('several keys of one vendor', () => {
  it('share the requests that run at once by weight', async () => {
    const { gateway, shown, lanes } = await openKeys([A, B]);
    const { url, vendor } = gateway;
    vendor.script(() => ({ status: 200, headers: {}, pieces: [], after: 'hang' }));
    const leaving = new AbortController();
    const body = JSON.stringify(chatBody('chat', 'chat'));
    const headers = { 'content-type': 'application/json' };
    const asked = Array.from({ length: 8 }, () =>
      fetch(`${url}/chat/completions`, { method: 'POST', headers, body, signal: leaving.signal }).catch(
        () => undefined,
      ),
    );
    await expect.poll(() => vendor.calls.length).toBe(8);
    expect(times(shown(), 'key-of-a')).toBe(6);
    expect(lanes()).toEqual({ a: READY, b: READY });
    leaving.abort();
    await Promise.all(asked);
  });

  it.each(['least-outstanding', 'weighted'])(
    'share requests that come one after another by weight: %s',
    async (balancer) => {
      const { ask, shown } = await openKeys([A, B], { balancer });
      for (let count = 0; count < 80; count++) expect((await ask()).status).toBe(200);
      // 60 on average; the limits are four deviations and more away.
      expect(times(shown(), 'key-of-a')).toBeGreaterThanOrEqual(40);
      expect(times(shown(), 'key-of-b')).toBeGreaterThanOrEqual(4);
    },
  );

  it('one refused: another serves the very request, the client sees 200, and the refused one is left alone', async () => {
    const vendor = await openKeys([FIRST, B]);
    vendor.says.set('key-of-a', REFUSED);
    for (let count = 0; count < 12; count++) expect((await vendor.ask()).status).toBe(200);
    expect(times(vendor.shown(), 'key-of-a')).toBe(1);
    const { a, b } = vendor.lanes();
    expect(a).toMatchObject({ state: 'paused', code: 'CREDENTIALS_UNUSABLE', forMs: expect.any(Number) });
    expect(a?.forMs).toBeGreaterThan(290_000);
    expect(b).toEqual(READY);
    await expectNeverEjected(vendor);
  });

  it('one of a group is told to slow down: the group rests, others serve', async () => {
    const group = { group: 'organisation' };
    const vendor = await openKeys([
      { ...FIRST, ...group },
      { ...B, ...group },
      { key: 'key-of-c', name: 'c' },
    ]);
    vendor.says.set('key-of-a', limited(20));
    for (let count = 0; count < 12; count++) expect((await vendor.ask()).status).toBe(200);
    expect(vendor.shown()).toEqual(['key-of-a', ...Array.from({ length: 12 }, () => 'key-of-c')]);
    const { a, b, c } = vendor.lanes();
    for (const lane of [a, b]) {
      expect(lane).toMatchObject({ state: 'paused', code: 'RATE_LIMIT_EXCEEDED' });
      expect(lane?.forMs).toBeGreaterThan(15_000);
      expect(lane?.forMs).toBeLessThanOrEqual(20_000);
    }
    expect(c).toEqual(READY);
    await expectNeverEjected(vendor);
  });

  it('a limit without a group rests one key alone', async () => {
    const vendor = await openKeys([FIRST, B]);
    vendor.says.set('key-of-a', limited(20));
    for (let count = 0; count < 8; count++) expect((await vendor.ask()).status).toBe(200);
    expect(times(vendor.shown(), 'key-of-a')).toBe(1);
    expect(vendor.lanes()).toMatchObject({ a: { state: 'paused' }, b: READY });
  });

  it('rest a minute at most, whatever the vendor asks; the client is told what it asked', async () => {
    const vendor = await openKeys([FIRST, B]);
    for (const key of ['key-of-a', 'key-of-b']) vendor.says.set(key, limited(3_000));
    const reading = await vendor.ask();
    expect(reading).toMatchObject({ status: 429, error: { code: 'rate_limit_exceeded' } });
    expect(Number(reading.header('retry-after'))).toBe(3_000);
    for (const lane of Object.values(vendor.lanes())) {
      expect(lane.state).toBe('paused');
      expect(lane.forMs).toBeGreaterThan(55_000);
      expect(lane.forMs).toBeLessThanOrEqual(60_000);
    }
    await expectNeverEjected(vendor);
  });

  it('all refused: 503 with a code of our own, at once for those that follow, and the vendor is not asked again', async () => {
    const vendor = await openKeys([FIRST, B]);
    for (const key of ['key-of-a', 'key-of-b']) vendor.says.set(key, REFUSED);
    for (let count = 0; count < 3; count++) {
      const reading = await vendor.ask();
      const message = expect.stringMatching(/^OpenAI refused the key \(HTTP 401\)/);
      expect(reading).toMatchObject({ status: 503, error: { code: 'credentials_unusable', message } });
    }
    expect(vendor.shown().sort()).toEqual(['key-of-a', 'key-of-b']);
    expect(vendor.gateway.smmf.inspect().instances).toMatchObject([{ state: 'paused' }]);
    await expectNeverEjected(vendor);
  });

  it('all at rest: 429 with the least wait of them', async () => {
    const vendor = await openKeys([FIRST, B]);
    vendor.says.set('key-of-a', limited(40));
    vendor.says.set('key-of-b', limited(9));
    await vendor.ask();
    const reading = await vendor.ask();
    expect(reading).toMatchObject({ status: 429, error: { code: 'rate_limit_exceeded' } });
    expect(Number(reading.header('retry-after'))).toBeGreaterThan(6);
    expect(Number(reading.header('retry-after'))).toBeLessThanOrEqual(9);
    expect(vendor.shown()).toHaveLength(2);
    await expectNeverEjected(vendor);
  });

  it('one out and one at rest: the client is told to wait, for that helps', async () => {
    const vendor = await openKeys([FIRST, B]);
    vendor.says.set('key-of-a', REFUSED);
    vendor.says.set('key-of-b', limited(9));
    await vendor.ask();
    const reading = await vendor.ask();
    expect(reading).toMatchObject({ status: 429, error: { code: 'rate_limit_exceeded' } });
    expect(Number(reading.header('retry-after'))).toBeLessThanOrEqual(9);
  });

  it('a restart of the instance tries them again', async () => {
    const vendor = await openKeys([FIRST, B]);
    const { controller } = vendor.gateway.smmf;
    for (const key of ['key-of-a', 'key-of-b']) vendor.says.set(key, REFUSED);
    expect((await vendor.ask()).status).toBe(503);
    vendor.says.clear();
    // The keys are out for five minutes: that they are right again helps nobody yet.
    expect((await vendor.ask()).status).toBe(503);
    const { id } = await controller.apply({ action: 'restart', instance: 'chat-0' });
    await expect.poll(() => controller.operations().find((one) => one.id === id)?.state).toBe('done');
    await expect.poll(async () => (await vendor.ask()).status).toBe(200);
    expect(vendor.lanes()).toEqual({ a: READY, b: READY });
    await expectNeverEjected(vendor);
  });

  it('are named by their names alone, in the log too', async () => {
    const vendor = await openKeys([FIRST, B]);
    vendor.says.set('key-of-a', REFUSED);
    await vendor.ask();
    const log = vendor.gateway.log.join('\n');
    expect(log).toMatch(/lane: 'a'/);
    expect(log + JSON.stringify(vendor.gateway.smmf.inspect())).not.toMatch(/key-of-/);
  });
});

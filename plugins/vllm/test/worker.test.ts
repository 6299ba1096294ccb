import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readLoad } from '@smmf/client';
import { createFakeEngine, engineSuite, testEngineContext } from '@smmf/testkit';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import plugin from '../src/index.ts';
import { METRICS } from '../src/worker.ts';

const engine = await createFakeEngine({ models: ['smol'] });
beforeAll(() =>
  engine.script((request) => (Number(request.json?.max_tokens) === 2 ? lengthAnswer(request.json) : undefined)),
);
afterAll(() => engine.close());

/** What vLLM 0.32 sends for max_tokens 2: content and finish in one chunk. */
function lengthAnswer(json: Readonly<Record<string, unknown>> | undefined) {
  const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: json?.model };
  const chunk = (choices: object[], more = {}) => `data: ${JSON.stringify({ ...head, choices, ...more })}\n\n`;
  return {
    headers: { 'content-type': 'text/event-stream; charset=utf-8' },
    pieces: [
      chunk([{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }]),
      chunk([{ index: 0, delta: { content: 'The' }, finish_reason: null, token_ids: null }]),
      chunk([{ index: 0, delta: { content: ' sea' }, finish_reason: 'length', stop_reason: null }]),
      chunk([], { usage: { prompt_tokens: 3, total_tokens: 5, completion_tokens: 2 } }),
      'data: [DONE]\n\n',
    ],
  };
}

engineSuite({
  test,
  model: 'public',
  create: async () => {
    const worker = await plugin.create?.(
      plugin.options.parse({ url: `http://127.0.0.1:${engine.port}` }),
      testEngineContext({ model: 'public' }),
    );
    if (!worker) throw new Error('no worker');
    await worker.health(AbortSignal.timeout(1_000));
    return worker;
  },
});

/** From a vLLM 0.32.0 on CPU, 2026-11-24; comment lines shortened. */
const TEXT = `# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="smol"} 2.0
vllm:num_requests_waiting{engine="0",model_name="smol"} 1.0
vllm:num_requests_waiting_by_reason{engine="0",model_name="smol",reason="capacity"} 1.0
vllm:kv_cache_usage_perc{engine="0",model_name="smol"} 0.25
vllm:prefix_cache_queries_total{engine="0",model_name="smol"} 200.0
vllm:prefix_cache_queries_created{engine="0",model_name="smol"} 1.7e+09
vllm:prefix_cache_hits_total{engine="0",model_name="smol"} 50.0
`;

describe('vLLM metrics', () => {
  it('are read as load, over all data-parallel engines', () => {
    expect(readLoad(TEXT, METRICS, 7)).toEqual({
      running: 2,
      waiting: 1,
      cacheUse: 0.25,
      prefixHitRate: 0.25,
      sampledAtMs: 7,
    });
    const two = TEXT + TEXT.replaceAll('engine="0"', 'engine="1"').replace('0.25', '0.75');
    expect(readLoad(two, METRICS, 7)).toMatchObject({ running: 4, cacheUse: 0.75 });
  });

  it('of older versions have other names, and what is absent stays unknown', () => {
    expect(readLoad('vllm:gpu_cache_usage_perc{model_name="x"} 0.5\n', METRICS, 7)).toEqual({
      cacheUse: 0.5,
      sampledAtMs: 7,
    });
    expect(readLoad('', METRICS, 7)).toEqual({ sampledAtMs: 7 });
  });
});

describe('the address', () => {
  const create = async (options: object) => {
    const worker = await plugin.create?.(plugin.options.parse(options), testEngineContext({ model: 'smol' }));
    if (!worker) throw new Error('no worker');
    return worker;
  };

  it.each([
    ['', '/v1'],
    ['/', '/v1'],
    ['//', '/v1'],
    ['/v1', '/v1'],
    ['/v1/', '/v1'],
    ['//v1//', '/v1'],
    ['/gpu1', '/gpu1/v1'],
    ['/gpu1/', '/gpu1/v1'],
    ['/gpu1/v1', '/gpu1/v1'],
    ['/v10', '/v10/v1'],
  ])('that ends with "%s" is the one of the API at "%s"', async (path, base) => {
    const worker = await create({ url: `http://gpu:8000${path}` });
    expect(worker.endpoint?.url).toBe(`http://gpu:8000${base}`);
    await worker.close();
  });

  it.each([
    ['', '/metrics'],
    ['/v1/', '/metrics'],
    ['/gpu1', '/gpu1/metrics'],
    ['/gpu1/v1', '/gpu1/metrics'],
  ])('that ends with "%s" has the load at "%s"', async (path, metrics) => {
    const paths: unknown[] = [];
    const server = createServer((request, response) => {
      paths.push(request.url);
      response.end('vllm:num_requests_running 3\n');
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const worker = await create({ url: `http://127.0.0.1:${port}${path}` });
    expect(await worker.load?.(AbortSignal.timeout(2_000))).toMatchObject({ running: 3 });
    expect(paths).toEqual([metrics]);
    await worker.close();
    server.close();
  });

  it('may need headers of its own beside the key, and says how often it is asked for', async () => {
    const worker = await create({
      url: 'http://gpu:8000',
      apiKey: 'key',
      headers: { 'X-Team': 'a' },
      probe: { interval: '1m' },
    });
    expect(Object.keys(worker.endpoint?.headers ?? {})).toEqual(['X-Team', 'authorization']);
    expect(worker.probe).toEqual({ intervalMs: 60_000, timeoutMs: 5_000 });
    await worker.close();
  });
});

describe('options', () => {
  it('refuse what they do not know and what is no address', () => {
    expect(plugin.options.safeParse({ url: 'gpu1:8000' }).success).toBe(false);
    expect(plugin.options.safeParse({ url: 'http://gpu1:8000', ulr: 1 }).success).toBe(false);
  });
});

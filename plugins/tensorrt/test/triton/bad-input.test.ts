import { createFixedServer, type FixedRoutes } from '@smmf/testkit';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { ask, type Options, PLAIN_TEMPLATE, refusal, say, toldBy, tritonWorker } from '../ask.ts';
import { healthyTriton, record, streamingTriton } from './contract.ts';

const server = await createFixedServer({});
const closing: (() => Promise<void>)[] = [];
afterAll(() => server.close());
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

const worker = async (options: Options = {}) => {
  const one = await tritonWorker({ url: server.url, model: 'm', template: PLAIN_TEMPLATE, ...options });
  closing.push(() => one.close());
  return one;
};
const healthOf = async (routes: FixedRoutes, options: Options = {}) => {
  server.answer(routes);
  return (await worker(options)).health(AbortSignal.timeout(5_000));
};

const page = '<html><title>nginx</title></html>';
const about = (version: string): FixedRoutes =>
  healthyTriton({ 'GET /v2': { body: { name: 'triton', version, extensions: ['statistics'] } } });

describe('the health of a Triton', () => {
  it.each<[string, FixedRoutes, RegExp]>([
    [
      'another server',
      { '*': { status: 404, body: { detail: 'Not Found' } } },
      /is no Triton \(HTTP 404.*port of its HTTP service \(8000; 8001 is gRPC, 8002 metrics\).*trtllm-serve needs no server/,
    ],
    ['an OpenAI server that answers everything', { '*': { body: { object: 'list', data: [] } } }, /is no Triton/],
    ['HTML', { '*': { body: page } }, /is no Triton \(HTTP 200 to \/v2: .*nginx/],
    [
      'a redirect',
      { '*': { status: 307, headers: { location: 'https://login.example/' } } },
      /redirects to https:\/\/login\.example\/.*write that address as url/,
    ],
    ['a wall', { '*': { status: 401 } }, /refused the key, or wants one \(HTTP 401\): give it as apiKey/],
    ['an old version', about('2.34.0'), /Triton 2\.34\.0 is too old.*2\.35 \(release 23\.06\)/],
    [
      'one that is not live',
      healthyTriton({ 'GET /v2/health/live': { status: 400 } }),
      /not live \(HTTP 400\); see its log/,
    ],
    [
      'a model it does not have',
      healthyTriton({ 'GET /v2/models/m/ready': { status: 400, body: { error: 'Model version not ready' } } }),
      /no model "m" that is ready; its repository has other \(READY\); start it with --load-model=m, or set manage: true/,
    ],
    [
      'a model it does not have, and an index that it does not give',
      healthyTriton({ 'GET /v2/models/m/ready': { status: 404 }, 'POST /v2/repository/index': { status: 503 } }),
      /no model "m" that is ready; start it with/,
    ],
    [
      'a model of another kind',
      healthyTriton({
        'GET /v2/models/m': { body: { name: 'm', inputs: [{ name: 'image' }], outputs: [{ name: 'class' }] } },
      }),
      /no text generator that is known here: it takes image and gives class; wanted are text_input, text_output/,
    ],
    [
      'a model whose metadata do not come',
      healthyTriton({ 'GET /v2/models/m': { status: 500, body: { error: 'oops' } } }),
      /no model "m" \(HTTP 500: oops\)/,
    ],
  ])('says what is wrong and what to do: %s', async (_, routes, told) => {
    const { live, ready, reason } = await healthOf(routes);
    expect({ live, ready }).toEqual({ live: true, ready: false });
    expect(reason).toMatch(told);
  });

  it('says that nothing is there', async () => {
    const there = await createFixedServer({});
    await there.close();
    const one = await worker({ url: there.url });
    const health = await one.health(AbortSignal.timeout(5_000));
    expect(health).toMatchObject({ live: false, ready: false });
    expect(health.reason).toMatch(/nothing listens at 127\.0\.0\.1:\d+ .*is the server started/);
    expect(toldBy(await refusal(one, say('a')))).toMatch(
      /^ENGINE_UNREACHABLE: The engine cannot be reached \| .*nothing listens/,
    );
  });

  it('is undecided while it takes the connection and says nothing', async () => {
    const silent = await createFixedServer({});
    const { createServer } = await import('node:net');
    const mute = createServer(() => undefined).listen(0, '127.0.0.1');
    closing.push(
      () => silent.close(),
      async () => void mute.close(),
    );
    await new Promise((resolve) => mute.once('listening', resolve));
    const { port } = mute.address() as { readonly port: number };
    const one = await worker({ url: `http://127.0.0.1:${port}`, probe: { timeout: '50ms' } });
    expect(await one.health(AbortSignal.timeout(5_000))).toMatchObject({ live: true, ready: false, isUndecided: true });
  });

  it('is good, with a note when another model of it is not', async () => {
    expect(await healthOf(healthyTriton())).toEqual({ live: true, ready: true });
    const partly = healthyTriton({ 'GET /v2/health/ready': { status: 400 } });
    expect((await healthOf(partly)).note).toMatch(/another of its models/);
  });

  it('looks at the model anew when it has been away', async () => {
    server.answer(healthyTriton());
    const one = await worker();
    await one.health(AbortSignal.timeout(5_000));
    expect(await ask(one, say('a'))).toMatchObject({ adjusted: 'usage-estimated' });
    server.answer(healthyTriton({ 'GET /v2/models/m/ready': { status: 400 } }));
    await one.health(AbortSignal.timeout(5_000));
    server.answer(streamingTriton(record('streamed')));
    expect((await ask(one, say('a'))).text).toBe('streamed');
  });

  it('says why a managed model cannot be loaded, and that it is tried again', async () => {
    const text = 'explicit model load / unload is not allowed if polling is enabled';
    const routes = healthyTriton({
      'GET /v2/models/m/ready': { status: 400 },
      'POST /v2/repository/models/m/load': { status: 503, body: { error: text } },
    });
    server.answer(routes);
    const one = await worker({ manage: true });
    const health = () => one.health(AbortSignal.timeout(5_000));
    expect((await health()).reason).toMatch(/not loaded by Triton; it will be/);
    expect(server.requests.filter((request) => request.endsWith('/load'))).toEqual([]);
    expect((await health()).reason).toMatch(/is being loaded/);
    await expect
      .poll(async () => (await health()).reason)
      .toMatch(
        /cannot load model "m": HTTP 503: explicit model load.*--model-control-mode=explicit, or leave out manage/,
      );
    const loads = server.requests.filter((request) => request.endsWith('/load'));
    expect(loads).toHaveLength(1);
    await one.close();
    expect(server.requests.filter((request) => request.endsWith('/unload'))).toEqual([]);
  });
});

describe('an answer in place of a result', () => {
  const tooLong = 'Prompt length (9000) exceeds maximum input length (8192). Set log level to info.';
  it.each<[string, number, unknown, RegExp]>([
    [
      'unknown model',
      404,
      { error: "Request for unknown model: 'm' is not found" },
      /^ENGINE_FAILED: The engine does not have the model \| HTTP 404: .*load it, or set manage: true$/,
    ],
    ['TensorRT-LLM: too long', 400, { error: tooLong }, /^CONTEXT_LENGTH_EXCEEDED: Prompt length \(9000\)/],
    [
      'the LLM API: too long',
      500,
      {
        error:
          'The sum of prompt length (9000.0), query length (0) and max_tokens (5) should not exceed max_seq_len (8192)',
      },
      /^CONTEXT_LENGTH_EXCEEDED: /,
    ],
    [
      'vLLM: too long',
      400,
      { error: "This model's maximum context length is 8192 tokens" },
      /^CONTEXT_LENGTH_EXCEEDED: /,
    ],
    ['a bad value', 400, { error: 'top_p must be in (0, 1]' }, /^INVALID_REQUEST: top_p must be/],
    [
      'a failing backend',
      400,
      { error: 'the engine failed as asked' },
      /^ENGINE_FAILED: The engine failed while .* \| HTTP 400: the engine failed as asked/,
    ],
    ['a failing server', 500, { error: 'failed to parse the request JSON buffer' }, /^ENGINE_FAILED: /],
    ['a full queue', 503, { error: 'Exceeds maximum queue size' }, /^ENGINE_OVERLOADED: /],
    ['no support', 501, { error: 'unsupported protocol' }, /^ENGINE_FAILED: /],
    [
      'a body too large',
      400,
      { error: 'Request JSON size of 70000000 exceeds --http-max-input-size' },
      /^REQUEST_TOO_LARGE: .*\| .*--http-max-input-size of Triton raises the limit/,
    ],
    ['a wrong key', 401, '', /^ENGINE_CREDENTIALS: .*\| HTTP 401: an empty answer; give the key as apiKey/],
    ['a proxy in time', 504, page, /^TIMEOUT: /],
    ['a limit', 429, { error: 'slow down' }, /^RATE_LIMIT_EXCEEDED: /],
    ['HTML', 502, page, /^ENGINE_FAILED: .*HTTP 502: no answer of Triton, but "<html>/],
    ['a redirect', 302, '', /^ENGINE_FAILED: .*redirect.* \| HTTP 302 to other\.example: .*write the address/],
    [
      'HTML as a result',
      200,
      page,
      /^ENGINE_FAILED: .*not of Triton \| Triton sent text\/html in place of application\/json; is it the right port/,
    ],
    ['JSON of somebody else', 200, { choices: [] }, /^ENGINE_FAILED: .*a record without text_output/],
    [
      'an error with status 200',
      200,
      { error: 'generate expects model to produce exactly 1 response' },
      /^ENGINE_FAILED: .*exactly 1 response/,
    ],
  ])('is named: %s', async (_, status, body, told) => {
    const headers = { location: 'https://other.example/x' };
    server.answer(
      healthyTriton({ 'POST /v2/models/m/generate': { status, body, ...(status === 302 ? { headers } : {}) } }),
    );
    expect(toldBy(await refusal(await worker(), say('a')))).toMatch(told);
  });

  it('keeps what it asks to wait, and shows no key and no address of its words', async () => {
    const error = 'top_p must be set at http://10.0.0.1/x with sk-abcdefghijklmnop1234';
    server.answer(
      healthyTriton({
        'POST /v2/models/m/generate': { status: 429, body: { error }, headers: { 'retry-after': '2' } },
      }),
    );
    expect(await refusal(await worker(), say('a'))).toMatchObject({ retryAfterMs: 2_000 });
    server.answer(healthyTriton({ 'POST /v2/models/m/generate': { status: 400, body: { error } } }));
    const shown = toldBy(await refusal(await worker(), say('a')));
    expect(shown).toContain('top_p must be set at [url]');
    expect(shown).not.toMatch(/10\.0\.0\.1|sk-abc/);
  });
});

describe('a stream that goes wrong', () => {
  it.each<[string, string, RegExp]>([
    [
      'an error within',
      `${record('a')}data: {"error":"the engine broke"}\n\n`,
      /^ENGINE_FAILED: .*HTTP 200: the engine broke/,
    ],
    ['no record', `${record('a')}data: [DONE]\n\n`, /^ENGINE_FAILED: .*a record without text_output/],
    ['half a record', `${record('a')}data: {"text_out`, /^ENGINE_FAILED: .*ends within a record/],
  ])('is named: %s', async (_, stream, told) => {
    server.answer(streamingTriton(stream));
    expect(toldBy(await refusal(await worker(), say('a')))).toMatch(told);
  });

  it('that is cut is truncated, and one of another type no stream', async () => {
    const route = 'POST /v2/models/m/generate_stream';
    const headers = { 'content-type': 'text/event-stream' };
    server.answer(streamingTriton('', { [route]: { headers, body: record('a'), isCut: true } }));
    expect(toldBy(await refusal(await worker(), say('a')))).toMatch(/^ENGINE_TRUNCATED: .*broke off/);
    server.answer(streamingTriton('', { [route]: { body: page } }));
    expect(toldBy(await refusal(await worker(), say('a')))).toMatch(/text\/html in place of text\/event-stream/);
  });

  it('that holds comments and no text ends all the same', async () => {
    server.answer(streamingTriton(': ping\n\n'));
    expect(await ask(await worker(), say('a'))).toMatchObject({ text: '', reasons: ['stop'] });
  });
});

describe('the load of a Triton', () => {
  /** The gauges of TensorRT-LLM's backend, after its README (read 2026-08). */
  const batcher = `nv_trt_llm_request_metrics{model="tensorrt_llm",request_type="waiting",version="1"} 2
nv_trt_llm_request_metrics{model="tensorrt_llm",request_type="context",version="1"} 1
nv_trt_llm_request_metrics{model="tensorrt_llm",request_type="active",version="1"} 5
nv_trt_llm_kv_cache_block_metrics{kv_cache_block_type="fraction",model="tensorrt_llm",version="1"} 0.25
nv_trt_llm_kv_cache_block_metrics{kv_cache_block_type="used",model="tensorrt_llm",version="1"} 40
nv_inference_pending_request_count{model="m",version="1"} 7
nv_inference_pending_request_count{model="n",version="1"} 9
`;
  it('is that of the batcher where it runs, else the queue of the model', async () => {
    server.answer(healthyTriton({ 'GET /metrics': { body: batcher } }));
    const one = await worker({ metrics: `${server.url}/metrics` });
    const load = () => one.load?.(AbortSignal.timeout(5_000));
    expect(await load()).toMatchObject({ running: 5, waiting: 2, cacheUse: 0.25 });
    const queue = batcher.split('\n').slice(-3).join('\n');
    server.answer(healthyTriton({ 'GET /metrics': { body: queue } }));
    expect(await load()).toEqual({ waiting: 7, sampledAtMs: expect.any(Number) });
    server.answer(healthyTriton());
    expect(await load()).toEqual({ sampledAtMs: expect.any(Number) });
  });
});

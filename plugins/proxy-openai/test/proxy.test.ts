import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createFakeEngine, engineSuite, testEngineContext } from '@smmf/testkit';
import { afterAll, afterEach, describe, expect, it, test, vi } from 'vitest';
import plugin from '../src/index.ts';

const engine = await createFakeEngine({ models: ['gpt-5-mini', 'other'] });
afterAll(() => engine.close());

const create = async (options: object = {}) => {
  const parsed = plugin.options.parse({ url: engine.url, model: 'gpt-5-mini', apiKey: 'sk-canary', ...options });
  const worker = await plugin.create?.(parsed, testEngineContext({ model: 'public' }));
  if (!worker) throw new Error('no worker');
  return worker;
};

engineSuite({
  test,
  model: 'public',
  create,
});

describe('proxy-openai', () => {
  it('finds health by the list of models, and sends key, organization and project with each request', async () => {
    const worker = await create({ organization: 'org-1', project: 'proj-1' });
    expect(await worker.health(AbortSignal.timeout(2_000))).toEqual({ live: true, ready: true });
    expect(worker.endpoint?.headers).toMatchObject({ 'openai-organization': 'org-1', 'openai-project': 'proj-1' });
    expect(JSON.stringify(worker.endpoint)).not.toContain('canary');
    expect(worker.endpoint?.models).toEqual({ public: 'gpt-5-mini' });
    await worker.close();
  });

  it('says when the service does not list the model, and when it is down', async () => {
    const worker = await create({ model: 'gpt-9' });
    expect(await worker.health(AbortSignal.timeout(2_000))).toMatchObject({
      live: true,
      ready: true,
      note: expect.stringContaining('gpt-9'),
    });
    await worker.close();
    const nowhere = await create({ url: 'http://127.0.0.1:9/v1' });
    expect(await nowhere.health(AbortSignal.timeout(2_000))).toMatchObject({ live: false, ready: false });
    await nowhere.close();
  });

  it('takes the address of OpenAI when none is given, and needs a unit for times', () => {
    expect(plugin.options.parse({})).toMatchObject({
      url: 'https://api.openai.com/v1',
      tasks: ['chat'],
      connectTimeout: 5_000,
    });
    expect(plugin.options.safeParse({ connectTimeout: 5 }).success).toBe(false);
  });
});

describe('the environment', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('reaches no service: not by the variables that clients of OpenAI read, not by those for proxies', async () => {
    const heads: string[] = [];
    const server = createServer((request, response) => {
      heads.push([request.url, ...request.rawHeaders].join('\n'));
      response.setHeader('content-type', 'application/json').end('{"object":"list","data":[{"id":"gpt-5-mini"}]}');
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const names = ['API_KEY', 'ADMIN_KEY', 'ORG_ID', 'ORGANIZATION', 'PROJECT_ID', 'WEBHOOK_SECRET', 'API_VERSION'];
    for (const name of names) vi.stubEnv(`OPENAI_${name}`, `canary-${name}`);
    vi.stubEnv('OPENAI_CUSTOM_HEADERS', 'x-canary: canary');
    vi.stubEnv('OPENAI_LOG', 'debug');
    const elsewhere = ['OPENAI_BASE_URL', 'OPENAI_API_BASE', 'HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'ALL_PROXY'];
    for (const name of elsewhere) vi.stubEnv(name, 'http://127.0.0.1:9/v1');
    vi.stubEnv('NODE_USE_ENV_PROXY', '1');
    const logs = (['log', 'debug', 'info', 'warn', 'error'] as const).map((level) => vi.spyOn(console, level));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    for (const apiKey of [undefined, 'sk-of-the-config']) {
      const parsed = plugin.options.parse({ url, model: 'gpt-5-mini', apiKey });
      const worker = await plugin.create?.(parsed, testEngineContext({ model: 'public' }));
      expect(await worker?.health(AbortSignal.timeout(2_000))).toEqual({ live: true, ready: true });
      const sent = Object.keys(worker?.endpoint?.headers ?? {});
      expect(sent).toEqual(apiKey === undefined ? [] : ['authorization']);
      await worker?.close();
    }
    server.close();
    expect(heads).toHaveLength(2);
    expect(heads.join('\n')).not.toMatch(/canary/i);
    expect(heads[0]).not.toMatch(/authorization/i);
    expect(heads[1]).toMatch(/authorization\nBearer sk-of-the-config/i);
    for (const log of logs) expect(log).not.toHaveBeenCalled();
  });
});

import { parseOptions } from '@smmf/core';
import { createFixedServer, engineSuite, testCall, testEngineContext } from '@smmf/testkit';
import { afterAll, describe, expect, it, test, vi } from 'vitest';
import plugin from '../src/index.ts';
import { huggingFace, infinity, tei } from './servers.ts';

const servers = {
  tei: await createFixedServer(tei('embedding')),
  infinity: await createFixedServer(infinity()),
  huggingface: await createFixedServer(huggingFace('/')),
};
afterAll(async () => {
  for (const server of Object.values(servers)) await server.close();
});

async function create(server: keyof typeof servers, more: object = {}, context = testEngineContext({ model: 'm' })) {
  const options = parseOptions(plugin.options, { server, url: servers[server].url, ...more }, ['models', 'm']);
  const worker = await plugin.create?.(options, context);
  return worker ?? expect.fail('no worker');
}

describe.each(['tei', 'infinity', 'huggingface'] as const)('a worker over %s', (server) => {
  const more = server === 'infinity' ? { model: 'BAAI/bge-small-en-v1.5' } : {};
  engineSuite({ test, model: 'm', create: () => create(server, more) });
});

describe('what runs where', () => {
  it('is told by the options: a model from source in a process, a server is attached', () => {
    const formOf = (input: object) => plugin.run?.(parseOptions(plugin.options, input, ['models', 'm']));
    expect(formOf({ source: './m' })).toEqual({ form: 'process' });
    expect(formOf({ server: 'tei', url: 'http://tei:3000' })).toEqual({ form: 'attach' });
  });
});

describe('a Hugging Face endpoint', () => {
  it('is asked through the client that the plugin is given, with the key, and never otherwise', async () => {
    vi.stubGlobal('fetch', () => expect.fail('the global fetch was called'));
    const context = testEngineContext({ model: 'm' });
    const { http } = context;
    const asked: unknown[] = [];
    const request: typeof http.request = (sent, signal) => {
      asked.push(sent);
      return http.request(sent, signal);
    };
    const more = { apiKey: 'hf_abcdefgh', headers: { 'x-team': 'a' }, connectTimeout: '3s' };
    const worker = await create('huggingface', more, { ...context, http: { ...http, request } });
    const result = await worker.tasks.embeddings?.({ model: 'm', input: 'text' }, testCall());
    vi.unstubAllGlobals();
    expect(result?.vectors).toHaveLength(1);
    const [{ headers, connectTimeoutMs, proxy } = { headers: {}, connectTimeoutMs: 0, proxy: '' }] = asked as {
      headers: Record<string, { reveal(): string }>;
      connectTimeoutMs: number;
      proxy: string;
    }[];
    expect([connectTimeoutMs, proxy]).toEqual([3_000, 'none']);
    expect([headers.authorization?.reveal(), headers['x-team']?.reveal()]).toEqual(['Bearer hf_abcdefgh', 'a']);
    await worker.close();
  });
});

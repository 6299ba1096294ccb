import { setTimeout as delay } from 'node:timers/promises';
import OpenAI from 'openai';
import { createSmmf, type Smmf } from 'smmf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { killGroup, real, startVllm, until, type Vllm } from './real-vllm.ts';

if (real === undefined)
  console.log('skipped: the tests on a real vLLM need SMMF_REAL, the folder of the scripts that start real servers');

async function running(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^vllm:num_requests_running\{.*\} (\S+)$/m.exec(text)?.[1] ?? Number.NaN);
}

interface Ended {
  readonly content: number;
  readonly error: unknown;
  readonly isDone: boolean;
}

describe.skipIf(real === undefined)('two real vLLM behind SMMF', () => {
  const servers: Vllm[] = [];
  let smmf: Smmf;
  let base: string;
  let client: OpenAI;

  beforeAll(async () => {
    servers.push(...(await Promise.all([startVllm(), startVllm()])));
    const workers = servers.map(({ url }) => ({ engine: 'vllm', url, served: 'smol' }));
    smmf = await createSmmf(
      { version: 1, server: { port: 0 }, admin: { port: 0 }, models: { chat: { aliases: ['gpt-4o-mini'], workers } } },
      { baseDir: import.meta.dirname },
    );
    const { server } = await smmf.listen();
    base = `${server.url}/v1`;
    client = new OpenAI({ baseURL: base, apiKey: 'none', maxRetries: 0 });
    await smmf.ready();
    await until(() => smmf.inspect().instances.every(({ state }) => state === 'ready'));
  }, 420_000);

  afterAll(async () => {
    await smmf?.close(1_000);
    for (const server of servers) await killGroup(server);
  }, 60_000);

  const messages = [{ role: 'user' as const, content: 'Count the waves.' }];
  const long = { model: 'chat', messages, max_tokens: 1_500, ignore_eos: true } as const;

  it('streams with usage that adds up, and shows the load that vLLM reports', async () => {
    const chunks: OpenAI.Chat.ChatCompletionChunk[] = [];
    const stream = await client.chat.completions.create({
      model: 'gpt-4o-mini',
      messages,
      max_tokens: 12,
      stream: true,
      stream_options: { include_usage: true },
    });
    for await (const chunk of stream) chunks.push(chunk);
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).not.toBe('');
    expect(chunks.at(-1)?.usage?.completion_tokens).toBeGreaterThan(0);
    expect(chunks.at(-1)?.usage?.completion_tokens).toBeLessThanOrEqual(12);
    await expect
      .poll(async () => (await smmf.controller.instances())[0]?.load?.running, { timeout: 15_000 })
      .toBeGreaterThanOrEqual(0);
  });

  it('gets fields that only vLLM knows', async () => {
    const request = { model: 'chat', messages, max_tokens: 8, structured_outputs: { choice: ['alpha', 'beta'] } };
    const reply = await client.chat.completions.create(request as OpenAI.Chat.ChatCompletionCreateParamsNonStreaming);
    expect(['alpha', 'beta']).toContain(reply.choices[0]?.message.content);
    const exact = { model: 'chat', messages, max_tokens: 7, min_tokens: 7, ignore_eos: true };
    const counted = await client.chat.completions.create(exact as OpenAI.Chat.ChatCompletionCreateParamsNonStreaming);
    expect(counted.usage?.completion_tokens).toBe(7);
  });

  it("has its own errors mapped to OpenAI's", async () => {
    const tooLong = [{ role: 'user' as const, content: 'word '.repeat(4_000) }];
    await expect(client.chat.completions.create({ model: 'chat', messages: tooLong })).rejects.toMatchObject({
      status: 400,
      code: 'context_length_exceeded',
    });
    await expect(client.chat.completions.create({ model: 'chat', messages, temperature: -1 })).rejects.toMatchObject({
      status: 400,
      type: 'invalid_request_error',
    });
  });

  it("stops generating within 250 ms of the client's going", async () => {
    const controller = new AbortController();
    const response = await fetch(`${base}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...long, stream: true }),
      signal: controller.signal,
    });
    await response.body?.getReader().read();
    const busy = await Promise.all(servers.map(({ url }) => running(url)));
    expect(Math.max(...busy)).toBe(1);
    controller.abort();
    await delay(250);
    expect(await Promise.all(servers.map(({ url }) => running(url)))).toEqual([0, 0]);
  });

  async function streamOnce(): Promise<Ended> {
    let content = 0;
    let text = '';
    try {
      const response = await fetch(`${base}/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'chat', messages, stream: true, max_tokens: 24, ignore_eos: true }),
      });
      const decoder = new TextDecoder();
      for await (const piece of response.body ?? []) text += decoder.decode(piece, { stream: true });
      if (response.status !== 200) return { content, error: text, isDone: false };
    } catch (error) {
      return { content, error, isDone: false };
    }
    content = (text.match(/"content":"[^"]/g) ?? []).length;
    const error = /^data: (\{"error":.*\})$/m.exec(text)?.[1];
    return { content, error: error === undefined ? undefined : JSON.parse(error), isDone: text.includes('[DONE]') };
  }

  it('answers every request that had no byte yet when one of them is killed, and ends the broken streams honestly', async () => {
    const [, second] = servers;
    if (!second) throw new Error('two servers are needed');
    const pending: Promise<Ended>[] = [];
    const startedMs = performance.now();
    let isKilled = false;
    while (performance.now() - startedMs < 8_000) {
      if (pending.length < 60) pending.push(streamOnce());
      if (!isKilled && performance.now() - startedMs > 3_000) {
        isKilled = true;
        process.kill(-(second.process.pid ?? 0), 'SIGKILL');
      }
      await delay(100);
    }
    const ended = await Promise.all(pending);
    const broken = ended.filter(({ error }) => error !== undefined);
    expect(ended.filter(({ isDone, error }) => !isDone && error === undefined)).toEqual([]);
    expect(broken.filter(({ content }) => content === 0)).toEqual([]);
    expect(broken.filter(({ isDone }) => isDone)).toEqual([]);
    expect(ended.filter(({ isDone }) => isDone).length).toBeGreaterThan(10);
    expect(smmf.inspect().leaks).toBe(0);
    await killGroup(second);
    expect((await streamOnce()).isDone).toBe(true);
  });
});

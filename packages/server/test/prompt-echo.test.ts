import { SmmfError } from '@smmf/core';
import { describe, expect, it } from 'vitest';
import { causeText } from '../src/index.ts';
import { repeatsPrompt } from '../src/prompt-echo.ts';
import { failWith } from './fake-router.ts';
import { createServer, jsonHeaders, KEY } from './harness.ts';

const PROMPT = 'Tell me what the canary-7f3a9c2e sings.';
const chat = (content: unknown, more: object = {}): Buffer =>
  Buffer.from(JSON.stringify({ model: 'chat', messages: [{ role: 'user', content }], ...more }));

describe("A6: an engine's words that repeat the prompt", () => {
  it.each([
    ['the whole of it', `cannot parse prompt ${PROMPT}`, chat(PROMPT)],
    ['its start', `cannot parse "${PROMPT.slice(0, 14)}…"`, chat(PROMPT)],
    ['a part of it', 'near "canary-7f3a9c2e"', chat(PROMPT)],
    ['a part of a content', 'near "canary-7f3a9c2e"', chat([{ type: 'text', text: PROMPT }])],
    ['a short one whole', 'cannot parse hunter2', chat('hunter2')],
    ['another turn', 'near "canary-7f3a9c2e"', chat('x', { messages: [{ role: 'tool', content: PROMPT }, {}] })],
    [
      'arguments of a call',
      'bad: canary-7f3a9c2e',
      chat(null, { messages: [{ tool_calls: [{ function: { arguments: PROMPT } }] }] }),
    ],
    ['a prompt', PROMPT, Buffer.from(JSON.stringify({ prompt: [PROMPT] }))],
    ['an input', PROMPT, Buffer.from(JSON.stringify({ input: PROMPT }))],
    ['a query', PROMPT, Buffer.from(JSON.stringify({ query: PROMPT, documents: ['x'] }))],
    ['a document', PROMPT, Buffer.from(JSON.stringify({ query: 'x', documents: [{ text: PROMPT }] }))],
    ['what is no JSON', PROMPT, Buffer.from(`{"prompt":"${PROMPT}`)],
    ['the start of a very long one', PROMPT, chat(PROMPT + 'x'.repeat(2_000_000))],
    ['the end of a very long one', PROMPT, chat('x'.repeat(2_000_000) + PROMPT)],
  ])('are known by %s', (_what, text, body) => {
    expect(repeatsPrompt(text, body)).toBe(true);
    expect(causeText(new Error(`HTTP 500: ${text}`), body)).toBe('HTTP 500: [left out: the words repeat the prompt]');
  });

  it.each([
    ['CUDA out of memory', chat(PROMPT)],
    ['role "user" and type "function" are not known', chat(PROMPT, { tools: [{ type: 'function' }] })],
    ['The model chat is not loaded', chat(PROMPT)],
    ['a short hi is no proof', chat('hi')],
    ['', chat(PROMPT)],
  ])('are told from words of its own: %s', (text, body) => {
    expect(repeatsPrompt(text, body)).toBe(false);
  });

  it('stand in no log line', async () => {
    for (const message of [`cannot read ${PROMPT}`, 'CUDA out of memory']) {
      const cause = new Error(`HTTP 500: ${message}`);
      const { base, lines } = createServer({
        keys: [{ key: KEY }],
        script: (played) => failWith(played, new SmmfError('ENGINE_FAILED', 'The engine failed', { cause })),
      });
      await base.inject({ method: 'POST', url: '/v1/chat/completions', headers: jsonHeaders, payload: chat(PROMPT) });
      expect(JSON.stringify(lines)).not.toContain('canary');
      expect(String(lines[0]?.fields.cause)).toMatch(message.startsWith('CUDA') ? /out of memory/ : /left out/);
    }
  });

  it('are looked for in bounded time', () => {
    const startedMs = performance.now();
    repeatsPrompt('ab'.repeat(2_000), chat('ba'.repeat(10_000_000)));
    expect(performance.now() - startedMs).toBeLessThan(1_000);
  });
});

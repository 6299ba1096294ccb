import { inspect } from 'node:util';
import type { Dialer, Endpoint } from '@smmf/core';
import { onTestFinished } from 'vitest';
import { createRouter, DEFAULT_TIMEOUTS } from '../src/index.ts';
import { chat, model, RecordingSink, record } from './harness.ts';

/** A whole answer of an engine, and its body. */
export const REPLY = JSON.stringify({
  id: 'c',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'hello' }, finish_reason: 'stop' }],
});

/** How a request ended. */
export interface Ended {
  readonly text: string;
  /** Code of the error, and why there was no connection. */
  readonly code: string | undefined;
  readonly reason: unknown;
  readonly message: string | undefined;
  /** The error with all that hangs on it: details, causes, stacks. */
  readonly everything: string;
}

function endOf({ text, error }: RecordingSink): Ended {
  const { cause } = error ?? {};
  const { details } = Object(cause) as { readonly details?: { readonly reason?: unknown } };
  const everything = inspect(error, { depth: 20, showHidden: true });
  return { text, code: error?.code, reason: details?.reason, message: error?.message, everything };
}

/** A router whose one upstream is `endpoint`; the function sends it one request, which is not tried again. */
export function routerTo(endpoint: Endpoint, dialer: Dialer): () => Promise<Ended> {
  const router = createRouter({ dialer });
  onTestFinished(() => router.drain(0));
  const timeouts = { ...DEFAULT_TIMEOUTS, queueMs: 1 };
  router.configure({ models: [model('m', { timeouts })], administrative: new Map() });
  const worker = {
    models: [],
    tasks: {},
    endpoint,
    health: async () => ({ live: true, ready: true }),
    close: async () => undefined,
  };
  router.setUpstreams([{ record: record('i'), worker }]);
  return async () => {
    const sink = new RecordingSink();
    router.handle(chat(), sink);
    await sink.outcome;
    return endOf(sink);
  };
}

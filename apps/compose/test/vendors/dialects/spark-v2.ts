import type { Dialect, Json } from '../dialect.ts';
import { dialect as spark } from './spark.ts';

/** Its models think with numbers of their own. */
const FIXED = { temperature: { min: 1, max: 1 }, top_p: { min: 0.95, max: 0.95 } };

/** Version 1 leaves a tool call alone where nobody asked for lists; nothing else of a request is looked at. */
const { requests: _requests, errors, ...more } = spark;

const KNOWN: Json = { max_completion_tokens: 64, thinking: { type: 'disabled' } };

/** iFlytek Spark over HTTP, version 2: X1.5, which thinks. */
export const dialect: Dialect = {
  ...more,
  vendor: 'iFlytek Spark X1.5',
  sources: [
    {
      of: 'address, model, reasoning_content',
      at: 'xfyun.cn/doc/spark/X1http.html (of 2025-11-03)',
      seen: '2026-11-28',
    },
    { of: 'fixed and ignored parameters', at: 'those of X2.5; not confirmed for X1.5', seen: '2026-11-28' },
  ],
  base: '/v2',
  options: () => ({ version: 'v2' }),
  models: { chat: 'spark-x' },
  request: {
    ...spark.request,
    refuses: ['max_tokens', 'presence_penalty', 'frequency_penalty', 'seed', 'stop', 'logit_bias'],
    ranges: FIXED,
  },
  reasoning: 'reasoning_content',
  errors,
  requests: [
    { name: 'nothing more', sends: {}, arrives: {} },
    { name: 'what X1.5 knows', sends: KNOWN, arrives: KNOWN },
    { name: 'an old limit', sends: { max_tokens: 64 }, arrives: { max_completion_tokens: 64 } },
    {
      name: 'a temperature',
      sends: { temperature: 0.2, top_p: 0.5 },
      arrives: { temperature: 1, top_p: 0.95 },
      adjusted: ['temperature', 'top_p'],
    },
    {
      name: 'penalties',
      sends: { presence_penalty: 0.5, frequency_penalty: 0.5, seed: 7 },
      arrives: {},
      adjusted: ['presence_penalty', 'frequency_penalty', 'seed'],
    },
  ],
};

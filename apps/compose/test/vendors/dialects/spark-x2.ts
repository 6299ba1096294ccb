import type { Dialect } from '../dialect.ts';
import { dialect as version2 } from './spark-v2.ts';

/** iFlytek Spark over HTTP, X2: as version 2, under an address of its own. */
export const dialect: Dialect = {
  ...version2,
  vendor: 'iFlytek Spark X2',
  sources: [
    { of: 'address and model', at: 'open clients that call spark-api-open.xf-yun.com/x2', seen: '2026-11-28' },
    { of: 'fixed and ignored parameters', at: 'those of X2.5; not confirmed for X2', seen: '2026-11-28' },
  ],
  base: '/x2',
  options: () => ({ version: 'x2' }),
};

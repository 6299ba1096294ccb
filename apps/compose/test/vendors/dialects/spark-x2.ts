import type { Dialect } from '../dialect.ts';
import { dialect as version2 } from './spark-v2.ts';

/** iFlytek Spark over HTTP, X2: as version 2, under an address of its own. */
export const dialect: Dialect = {
  ...version2,
  vendor: 'iFlytek Spark X2',
  sources: [
    { of: 'address, fixed and ignored parameters', at: 'xfyun.cn/doc/spark, HTTP of X2 and X2.5', seen: '2026-11-23' },
  ],
  base: '/x2',
  options: () => ({ version: 'x2' }),
};

import { expect, it } from 'vitest';
import { rowOfStatus } from '../src/engine-status.ts';

const meanings: readonly [code: string, blame: string, statuses: readonly number[]][] = [
  ['ENGINE_CREDENTIALS', 'none', [401, 402, 403]],
  ['ENGINE_FAILED', 'setup', [100, 204, 301, 399, 404, 405, 406, 407, 410, 411, 414, 415, 417, 421, 426, 431]],
  ['TIMEOUT', 'answer', [408, 504, 524]],
  ['REQUEST_TOO_LARGE', 'none', [413]],
  ['RATE_LIMIT_EXCEEDED', 'none', [429]],
  ['ENGINE_OVERLOADED', 'answer', [498, 503, 529]],
  ['INVALID_REQUEST', 'none', [400, 409, 422, 499]],
  ['ENGINE_FAILED', 'answer', [500, 501, 502, 505, 599]],
];

it.each(meanings)('a status that means %s is blamed on: %s', (code, blame, statuses) => {
  for (const status of statuses) expect({ status, ...rowOfStatus(status) }).toEqual({ status, code, blame });
});

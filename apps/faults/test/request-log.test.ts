import { describe, expect, it } from 'vitest';
import { readRequestLog } from '../src/cluster/request-log.ts';

const line = (time: string, fields: object, msg = 'request'): string =>
  JSON.stringify({ level: 'info', time: `2026-01-01T00:00:${time}Z`, ...fields, msg });

const LOG = [
  line('01.000', { instance: 'a', state: 'ready' }, 'instance state'),
  line('02.000', { id: 'r1', instance: 'a', code: 'engine_unreachable', attempt: 1, totalMs: 5 }, 'attempt failed'),
  line('02.000', { id: 'r1', instance: 'b', attempts: 2, totalMs: 500 }),
  line('03.000', { id: 'r2', instance: 'a', attempts: 1, code: 'timeout', totalMs: 2_000 }),
  'a line that is no JSON',
].join('\n');

const at = (text: string): number => Date.parse(`2026-01-01T00:00:${text}Z`);

describe('the log of an API server', () => {
  it('tells of each failed attempt where it was, and when its request came', () => {
    expect(readRequestLog(LOG).failed).toEqual([
      { instance: 'a', code: 'engine_unreachable', startedMs: at('01.500') },
      { instance: 'a', code: 'timeout', startedMs: at('01.000') },
    ]);
  });

  it('tells which instance had each request in the end', () => {
    expect(readRequestLog(LOG).requests).toEqual([
      { id: 'r1', instance: 'b', code: undefined, startedMs: at('01.500') },
      { id: 'r2', instance: 'a', code: 'timeout', startedMs: at('01.000') },
    ]);
  });
});

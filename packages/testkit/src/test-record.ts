import type { InstanceRecord } from '@smmf/protocol';

/** The record of a ready instance, for tests. */
export function testRecord(id: string, more: Partial<InstanceRecord> = {}): InstanceRecord {
  const models = [{ id: 'model', tasks: ['chat' as const] }];
  const base = { epoch: 1, engine: 'test', state: 'ready' as const, weight: 1, order: 0, labels: {}, startedAtMs: 0 };
  return { id, ...base, models, address: { url: 'http://127.0.0.1:1/v1' }, ...more };
}

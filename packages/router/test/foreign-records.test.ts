import { hostname } from 'node:os';
import { expect, it } from 'vitest';
import { chat, record, rig } from './harness.ts';

const socket = (node?: string) => ({
  url: 'http://localhost/v1',
  socketPath: '/run/smmf/a.sock',
  ...(node === undefined ? {} : { node }),
});

it.each([undefined, hostname()])('a socket of this machine (%s) is dialled', (node) => {
  const { send, exchanges } = rig([record('a', { address: socket(node) })]);
  send(chat());
  expect(exchanges).toHaveLength(1);
});

it('a socket of another machine is not: its instance takes nothing here, and the refusal says why', () => {
  const { send, exchanges, router } = rig([record('a', { address: socket('gpu-elsewhere') })]);
  const { sink } = send(chat());
  expect(exchanges).toHaveLength(0);
  expect(sink.error).toMatchObject({ code: 'MODEL_UNAVAILABLE' });
  expect(sink.error?.message).toContain('cannot be reached from this machine');
  expect(router.stats().instances).toMatchObject([{ id: 'a', state: 'ready' }]);
});

it('a record without an address, as another version may write it, is no way to an instance', () => {
  const { address: _, ...bare } = record('a');
  const { send } = rig([bare]);
  expect(send(chat()).sink.error?.code).toBe('MODEL_UNAVAILABLE');
});

it('an instance that failed before it had an address is said to have failed, with its reason but no path', () => {
  const { address: _, ...bare } = record('a', { state: 'failed', reason: '/srv/models/a.gguf is no GGUF file' });
  const { send } = rig([bare]);
  expect(send(chat()).sink.error?.message).toContain('a is failed (a.gguf is no GGUF file)');
});

import { testRecord } from '@smmf/testkit';
import { expect, it } from 'vitest';
import { seenFrom } from '../src/roles/reachable.ts';

const keys = { makesKey: (keyId: string) => keyId.startsWith('ours.') };
const here = { node: 'here', keys };
const at = (address: object) => testRecord('a', { host: 'gpu1', address: address as never });

it('an engine on another machine that gives a loopback address is failed by name, with the remedy', () => {
  const record = seenFrom(here, at({ url: 'http://127.0.0.1:8002/v1', node: 'there' }));
  expect(record).toMatchObject({
    state: 'failed',
    reason: expect.stringMatching(/^ADVERTISE_LOOPBACK: worker host "gpu1" on there .* set worker\.advertise there$/),
  });
});

it.each([
  ['of this machine', { url: 'http://127.0.0.1:8002/v1', node: 'here' }],
  ['with an address that others reach', { url: 'http://gpu1:8002/v1', node: 'there' }],
  ['that says nothing of its machine', { url: 'http://127.0.0.1:8002/v1' }],
  ['with a key of ours', { url: 'http://gpu1:8002/v1', node: 'there', keyId: 'ours.1' }],
  ['behind a socket', { url: 'http://localhost/v1', socketPath: '/run/a.sock', node: 'there' }],
])('one %s stays as it is', (_what, address) => {
  expect(seenFrom(here, at(address)).state).toBe('ready');
});

it('one that was started with a secret that is not known here is failed by name, and harms no other', () => {
  const record = seenFrom(here, at({ url: 'http://gpu1:8002/v1', node: 'there', keyId: 'other.1' }));
  expect(record).toMatchObject({
    state: 'failed',
    reason: expect.stringMatching(/^SECRET_MISSING: .*cluster\.secrets/),
  });
});

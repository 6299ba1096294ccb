import { type RegistryEntry, Secret } from '@smmf/core';
import type { InstanceRecord } from '@smmf/protocol';
import { createClusterKeys, createEntryCodec, recordOf } from '../src/index.ts';

/** The keys of the cluster that tests are members of. */
export const testKeys = createClusterKeys([new Secret('a secret of the tests')], 'test');

/** Its codec. */
export const testCodec = createEntryCodec(testKeys);

/** The entry of an instance, as its host writes it. */
export const sealed = (record: InstanceRecord, seq = 1): RegistryEntry => testCodec.seal('instance', record, seq);

/** The instance in an entry; undefined for another kind. */
export function instanceIn(entry: RegistryEntry): InstanceRecord | undefined {
  const said = recordOf(entry, testCodec.open(entry));
  return said?.kind === 'instance' ? said.record : undefined;
}

interface Envelope {
  readonly v: number;
  readonly kind: string;
  readonly seq: number;
  readonly payload: string;
}

/** The same entry with another payload, signed anew: as another version would write it. `around` changes what stands around it. */
export function rewritten(
  entry: RegistryEntry,
  change: (payload: Record<string, unknown>) => object,
  around: Readonly<Record<string, unknown>> = {},
): RegistryEntry {
  const before = JSON.parse(entry.value) as Envelope;
  const payload = JSON.stringify(change(JSON.parse(before.payload)));
  const next = { ...before, payload, ...around };
  const { keyId, signature } = testKeys.sign(
    JSON.stringify([next.v, testKeys.namespace, next.kind, entry.id, entry.epoch, next.seq, next.payload]),
  );
  return { ...entry, value: JSON.stringify({ ...next, keyId, sig: signature }) };
}

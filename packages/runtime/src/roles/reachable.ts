import type { ClusterKeys } from '@smmf/cluster';
import type { InstanceRecord } from '@smmf/protocol';

/** Looked at for each record of each change: no URL is taken apart. */
const LOOPBACK = /^https?:\/\/(?:localhost|[^/:]+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])(?:[:/]|$)/i;

/** From where records are looked at. */
export interface Viewpoint {
  /** The name of the machine. */
  readonly node: string;
  readonly keys: Pick<ClusterKeys, 'makesKey'>;
}

/** Why an instance that is there cannot be reached from here, with the remedy; undefined where it can. */
function whyUnreachable({ address, host }: InstanceRecord, { node, keys }: Viewpoint): string | undefined {
  if (!address || address.socketPath !== undefined) return undefined;
  if (address.keyId !== undefined && !keys.makesKey(address.keyId))
    return 'SECRET_MISSING: it was started with a secret that is not among cluster.secrets here; restart it, or give the secret back';
  if (address.node === undefined || address.node === node || !LOOPBACK.test(address.url)) return undefined;
  const where = host === undefined ? address.node : `worker host "${host}" on ${address.node}`;
  return `ADVERTISE_LOOPBACK: ${where} says that it is reached at ${address.url}, which is this machine; set worker.advertise there`;
}

/** The record as it is from here: an instance that cannot be reached is failed, with the remedy. */
export function seenFrom(here: Viewpoint, record: InstanceRecord): InstanceRecord {
  const reason = whyUnreachable(record, here);
  return reason === undefined ? record : { ...record, state: 'failed', reason };
}

import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { Secret, SmmfError } from '@smmf/core';

/** Shortest secret of a cluster, bytes. */
export const MIN_SECRET_BYTES = 16;

/** What is made from one secret of a cluster; each key is for one use alone. */
interface SecretKeys {
  /** Names the secret without telling anything of it. */
  readonly id: string;
  /** Bearer key of members that call a controller, or each other. */
  readonly join: Secret;
  /** Signs records. */
  readonly records: Buffer;
  /** Proves that who answers is an engine's process of the cluster. */
  readonly identity: Buffer;
  /** The keys of engines are made of it. */
  readonly data: Buffer;
}

/**
 * The keys of one cluster, made by HKDF-SHA-256 from its secrets with its namespace as salt: members of another namespace, or of
 * another secret, understand nothing of each other. Of two secrets the first one writes and both are believed, so that a secret can be
 * changed member by member.
 */
export interface ClusterKeys {
  readonly namespace: string;
  /** Bearer keys of members, the current one first. */
  readonly joins: readonly Secret[];
  /** Signature of `text` by the current secret. */
  sign(text: string): { readonly keyId: string; readonly signature: string };
  /** Was `text` signed by a member of this cluster. */
  isSigned(text: string, keyId: string, signature: string): boolean;
  /** Name for the key of an engine's start; {@link ClusterKeys.engineKey} makes the key from it. */
  engineKeyId(nonce: string): string;
  /** Can {@link ClusterKeys.engineKey} make the key of that name: is one of the secrets here the one that it is made from. */
  makesKey(keyId: string): boolean;
  /** The key that callers of an engine must bring. @throws SECRET_MISSING for one that no secret here makes */
  engineKey(keyId: string): Secret;
  /**
   * With which one start of an instance, named by the `keyId` of its address, proves that it is it.
   * @throws SECRET_MISSING for a key that no secret here makes
   */
  identityKey(instance: string, keyId: string): Secret;
  /** Is `proof` the answer of that start of the instance to `nonce`. */
  isProof(of: { readonly instance: string; readonly keyId: string; readonly nonce: string }, proof: string): boolean;
}

function keysOf(secret: Secret, namespace: string): SecretKeys {
  const derived = (use: string): Buffer =>
    Buffer.from(hkdfSync('sha256', secret.reveal(), namespace, `smmf/v1/${use}`, 32));
  return {
    id: derived('id').subarray(0, 6).toString('base64url'),
    join: new Secret(derived('join').toString('base64url')),
    records: derived('records'),
    identity: derived('identity'),
    data: derived('data'),
  };
}

const mac = (key: Buffer | string, text: string): string => createHmac('sha256', key).update(text).digest('base64url');

/** Compares in a time that tells nothing of where they differ. */
function isSame(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** The answer of an engine's process that was given `key` to `nonce`. */
export function proofOf(key: Secret, nonce: string): string {
  return mac(key.reveal(), nonce);
}

/**
 * Makes the keys of a cluster.
 * @param secrets the current one first; at most one before it
 * @throws CONFIG_INVALID for no secret, or one of fewer than {@link MIN_SECRET_BYTES} bytes
 */
export function createClusterKeys(secrets: readonly Secret[], namespace: string): ClusterKeys {
  const short = secrets.findIndex((secret) => Buffer.byteLength(secret.reveal()) < MIN_SECRET_BYTES);
  if (short >= 0) {
    const text = `cluster.secrets[${short}] has fewer than ${MIN_SECRET_BYTES} bytes; take a random one: openssl rand -base64 32`;
    throw new SmmfError('CONFIG_INVALID', text);
  }
  const all = secrets.map((secret) => keysOf(secret, namespace));
  const [current] = all;
  if (!current) throw new SmmfError('CONFIG_INVALID', 'cluster.secrets is empty; set one: openssl rand -base64 32');
  const byId = (id: string): SecretKeys | undefined => all.find((keys) => keys.id === id);
  const maker = (keyId: string): SecretKeys | undefined => byId(keyId.split('.', 1)[0] ?? '');
  const madeBy = (keyId: string): SecretKeys => {
    const keys = maker(keyId);
    if (keys) return keys;
    const text = `No secret of this cluster makes the key "${keyId.slice(0, 64)}" of an engine; compare cluster.secrets of the members`;
    throw new SmmfError('SECRET_MISSING', text);
  };
  const identityOf = (instance: string, keyId: string): string =>
    mac(madeBy(keyId).identity, JSON.stringify([instance, keyId]));
  return {
    namespace,
    joins: all.map(({ join }) => join),
    sign: (text) => ({ keyId: current.id, signature: mac(current.records, text) }),
    isSigned(text, keyId, signature) {
      const keys = byId(keyId);
      return keys !== undefined && isSame(mac(keys.records, text), signature);
    },
    engineKeyId: (nonce) => `${current.id}.${nonce}`,
    makesKey: (keyId) => maker(keyId) !== undefined,
    engineKey: (keyId) => new Secret(mac(madeBy(keyId).data, keyId)),
    identityKey: (instance, keyId) => new Secret(identityOf(instance, keyId)),
    isProof: ({ instance, keyId, nonce }, proof) => isSame(mac(identityOf(instance, keyId), nonce), proof),
  };
}

import { randomBytes } from 'node:crypto';
import type { DialTarget } from '@smmf/core';
import { isListedAs, type Peer } from '@smmf/protocol';
import type { ClusterKeys } from './cluster-keys.ts';
import { IDENTITY_PATH } from './identity-route.ts';

/** Limit of the weak check, milliseconds: an engine may be busy, and says nothing then. */
const WEAK_MS = 1_000;

interface Answer {
  readonly status: number;
  readonly body: string;
}

type Ask = (path: string) => Promise<Answer>;

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

async function isProven(keys: ClusterKeys, { instance, keyId = '' }: Peer, ask: Ask): Promise<boolean> {
  const nonce = randomBytes(24).toString('base64url');
  const { status, body } = await ask(`${IDENTITY_PATH}?nonce=${nonce}`);
  const { proof } = Object(jsonOf(body)) as { readonly proof?: unknown };
  return status === 200 && typeof proof === 'string' && keys.isProof({ instance, keyId, nonce }, proof);
}

/** The names in a list of models; undefined for an answer that is none. */
function listed({ status, body }: Answer): readonly unknown[] | undefined {
  const { data } = Object(jsonOf(body)) as { readonly data?: unknown };
  if (status !== 200 || !Array.isArray(data)) return undefined;
  return data.flatMap((model: unknown) => {
    const { id, root } = Object(model) as { readonly id?: unknown; readonly root?: unknown };
    return [id, root];
  });
}

/** The answer, where it comes in time. */
async function inTime(answer: Promise<Answer>): Promise<Answer | undefined> {
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => late.resolve(undefined), WEAK_MS);
  try {
    return await Promise.race([answer.catch(() => undefined), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The check of a dialer: an engine of the cluster proves that it is the very start that its record names; of another one it is only
 * seen whether its list of models names what it serves, which stops accidents and no attacker. Rejects for a stranger.
 */
export function createPeerCheck(
  keys: ClusterKeys,
): (peer: Peer, ask: Ask, target: DialTarget) => Promise<'known' | 'unknown'> {
  return async (peer, ask, target) => {
    const { instance, keyId, model } = peer;
    if (keyId !== undefined) {
      if (await isProven(keys, peer, ask)) return 'known';
      throw new Error(
        `what answers there does not prove that it is the instance "${instance}"; nothing was sent to it`,
      );
    }
    if (model === undefined) return 'unknown';
    const base = new URL(target.url).pathname.replace(/\/$/, '');
    const answer = await inTime(ask(`${base}/models`));
    const names = answer && listed(answer);
    if (!names) return 'unknown';
    if (names.some((name) => typeof name === 'string' && isListedAs(name, model))) return 'known';
    throw new Error(
      `what answers there does not serve "${model}" of the instance "${instance}"; nothing was sent to it`,
    );
  };
}

import { type Endpoint, isSecret, type Secret, type Worker } from '@smmf/core';
import type { InstanceRecord, Peer } from '@smmf/protocol';
import { USER_AGENT } from './user-agent.ts';

/** What the router knows of its own place. */
export interface Here {
  /** The name of this machine. */
  readonly node: string;
  /** Makes the key that an announced engine asks for by its name; without it such an engine cannot be reached. */
  readonly keyOf?: ((keyId: string) => Secret) | undefined;
  /** The router's clock, milliseconds. */
  readonly now?: (() => number) | undefined;
}

/** How requests go to an instance. */
export interface Way {
  readonly endpoint: Endpoint | undefined;
  /** What every request there carries, flat: name, value, name, value, … */
  readonly replyHeaders: readonly string[];
  readonly streamHeaders: readonly string[];
}

/** The way to an endpoint. */
export const wayTo = (endpoint: Endpoint | undefined): Way => ({
  endpoint,
  replyHeaders: headersOf(endpoint, 'application/json'),
  streamHeaders: headersOf(endpoint, 'text/event-stream'),
});

function headersOf(endpoint: Endpoint | undefined, accept: string): string[] {
  const headers = new Map([
    ['content-type', 'application/json'],
    ['accept', accept],
    ['accept-encoding', 'identity'],
    ['user-agent', USER_AGENT],
  ]);
  for (const [name, value] of Object.entries(endpoint?.headers ?? {})) {
    headers.set(name.toLowerCase(), isSecret(value) ? value.reveal() : value);
  }
  return [...headers].flat();
}

/**
 * An announced engine on a port proves who it is. One that runs elsewhere is asked for its models, where nobody vouches for it: over
 * plain HTTP, no vendor's, and one whose list names what it serves.
 */
export function peerOf(
  { id, address, models, identity }: InstanceRecord,
  worker: Worker | undefined,
): Peer | undefined {
  if (!worker) return address?.keyId === undefined ? undefined : { instance: id, keyId: address.keyId };
  const { endpoint } = worker;
  const [first] = models;
  const isWeak = endpoint?.url.startsWith('http:') && endpoint.egress !== 'vendor' && endpoint.socketPath === undefined;
  if (!isWeak || identity === 'none' || !first || models.length > 1) return undefined;
  return { instance: id, model: endpoint?.models?.[first.id] ?? first.id };
}

/** A socket is a path of the machine that wrote it; elsewhere nothing can be reached by it. */
export function canReach({ address }: InstanceRecord, here: Here): boolean {
  if (!address) return false;
  const { socketPath, node = here.node, keyId } = address;
  return socketPath === undefined ? keyId === undefined || here.keyOf !== undefined : node === here.node;
}

/** Where an announced instance is reached from here, with its key. @throws SECRET_MISSING for a key that cannot be made here */
export function endpointOf(record: InstanceRecord, here: Here): Endpoint | undefined {
  const { address } = record;
  if (!address || !canReach(record, here)) return undefined;
  const { url, socketPath, keyId } = address;
  if (socketPath !== undefined) return { url, socketPath };
  const key = keyId === undefined ? undefined : here.keyOf?.(keyId);
  return key ? { url, headers: { authorization: key.map((text) => `Bearer ${text}`) } } : { url };
}

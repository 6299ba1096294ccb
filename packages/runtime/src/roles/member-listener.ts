import { hash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { hostname } from 'node:os';
import type { ClusterKeys, Member } from '@smmf/cluster';
import { SmmfError } from '@smmf/core';
import { isLoopbackHost, logQuery } from '@smmf/protocol';
import { createKeyRing, type KeyRing, type Listening, type RouteHost } from '@smmf/server';
import type { MemberListener } from './role-context.ts';

/** The keys that members of the cluster call with. */
export function joinRing(keys: ClusterKeys): KeyRing {
  const entries = keys.joins.map((key, index) => ({ key, name: `cluster.secrets[${index}]` }));
  return createKeyRing(entries, ['join']);
}

/** Fingerprints of keys, which tell whether two sets are the same and nothing of the keys. */
export function keyPrintsOf(keys: readonly { readonly reveal: () => string }[], { namespace }: ClusterKeys): string[] {
  return keys.map((key) => hash('sha256', `${namespace}\n${key.reveal()}`, 'base64url').slice(0, 12));
}

/** How others reach a member. */
export interface Whereabouts {
  readonly url: string;
  readonly node: string;
  readonly plain: boolean;
}

/** Where a member is, for the others. @param towards a controller's origin: the way there tells which address others reach */
export async function whereabouts(
  { host, tls, advertise }: MemberListener,
  { port }: Listening,
  towards: string | undefined,
): Promise<Whereabouts> {
  const origin = await advertisedOrigin({ host, tls, advertise }, towards);
  const url = new URL(origin);
  if (url.port === '' && !/:\d+$/.test(origin)) url.port = String(port ?? '');
  return { url: url.origin, node: hostname(), plain: tls === undefined && !isLoopbackHost(host) };
}

/**
 * The origin at which others reach a listener: as written; without that the address it listens at, and for one that listens everywhere
 * the address from which this machine reaches a controller.
 */
export async function advertisedOrigin(
  { host, tls, advertise }: Omit<MemberListener, 'port'>,
  towards: string | undefined,
): Promise<string> {
  if (advertise !== undefined) return advertise.replace(/\/+$/, '');
  const isEverywhere = host === '0.0.0.0' || host === '::';
  const address = isEverywhere ? await ownAddressTowards(towards) : host;
  return `${tls ? 'https' : 'http'}://${address.includes(':') ? `[${address}]` : address}`;
}

/** The address of this machine on the way to `origin`; nothing is sent there. */
async function ownAddressTowards(origin: string | undefined): Promise<string> {
  if (origin === undefined) return '127.0.0.1';
  const { hostname: name, port } = new URL(origin);
  const target = name.replace(/^\[(.*)\]$/, '$1');
  const socket = createSocket(target.includes(':') ? 'udp6' : 'udp4');
  try {
    const connected = once(socket, 'connect', { signal: AbortSignal.timeout(2_000) });
    socket.connect(Number(port) || 80, target);
    await connected;
    return socket.address().address;
  } catch {
    return '127.0.0.1';
  } finally {
    socket.close();
  }
}

/**
 * Adds what a controller asks of a member, with the scope `join`: `GET /member/v1/report` says what runs there,
 * `GET /member/v1/instances/{id}/logs` what its engine wrote.
 */
export function memberRoutes({ app }: RouteHost, { report, logs }: Omit<Member, 'id'>): void {
  const join = { config: { scope: 'join' } } as const;
  const limit = (): AbortSignal => AbortSignal.timeout(1_000);
  app.get('/member/v1/report', join, async (_request, reply) =>
    reply.type('application/json').send(await report(limit())),
  );
  if (!logs) return;
  app.get<{ Params: { readonly id: string } }>('/member/v1/instances/:id/logs', join, async (request, reply) => {
    const { data, error } = logQuery.safeParse(request.query);
    if (!data)
      throw new SmmfError('INVALID_VALUE', `Query ${error.issues[0]?.path.join('.')}: ${error.issues[0]?.message}`);
    return reply.type('application/json').send(await logs(request.params.id, data, limit()));
  });
}

import { isIP, type Socket } from 'node:net';
import { connect, createSecureContext, getCACertificates, type SecureContext, type TLSSocket } from 'node:tls';
import { isSecret, SmmfError, type TlsSettings } from '@smmf/core';
import { ready } from './open-socket.ts';

const list = (ca: TlsSettings['ca']): readonly string[] => (ca === undefined ? [] : typeof ca === 'string' ? [ca] : ca);

function makeContext({ ca, cert, key }: TlsSettings): SecureContext {
  const own = list(ca);
  const revealed = isSecret(key) ? key.reveal() : key;
  try {
    return createSecureContext({
      minVersion: 'TLSv1.2',
      // A list takes the place of Node's own authorities, so these stand in it again.
      ...(own.length === 0 ? {} : { ca: [...getCACertificates('default'), ...own] }),
      ...(cert === undefined ? {} : { cert }),
      ...(revealed === undefined ? {} : { key: revealed }),
    });
  } catch (cause) {
    const { code = 'no reason is known' } = cause as { readonly code?: string };
    const message = `tls.ca, tls.cert or tls.key cannot be used (${code}); each is a PEM text, and the key fits the certificate`;
    throw new SmmfError('CONFIG_INVALID', message, { cause });
  }
}

/** Makes secure contexts, each once: reading the authorities takes milliseconds. */
export interface SecureContexts {
  /** @throws CONFIG_INVALID for certificates that cannot be read */
  of(target: TlsSettings | undefined): SecureContext;
}

/** Contexts for targets whose certificates come on top of `base`. */
export function createSecureContexts(base: TlsSettings = {}): SecureContexts {
  const made = new WeakMap<TlsSettings, SecureContext>();
  return {
    of(target = base) {
      const known = made.get(target);
      if (known) return known;
      const pair = target.cert === undefined ? base : target;
      const context = makeContext({ ca: [...list(base.ca), ...list(target.ca)], cert: pair.cert, key: pair.key });
      made.set(target, context);
      return context;
    },
  };
}

/** So many sessions are kept for each context; the oldest one is dropped first. */
const SESSION_LIMIT = 100;
const sessionsOf = new WeakMap<SecureContext, Map<string, Buffer>>();

/**
 * The sessions of a context. One belongs to the name for which the server proved itself: Node 22.19 does not check the name again when a
 * session is resumed (24.21 does; both tried 2026-11).
 */
function sessions(context: SecureContext): Map<string, Buffer> {
  const known = sessionsOf.get(context) ?? new Map<string, Buffer>();
  sessionsOf.set(context, known);
  return known;
}

function keep(known: Map<string, Buffer>, key: string, session: Buffer): void {
  known.delete(key);
  known.set(key, session);
  const [oldest] = known.keys();
  if (oldest !== undefined && known.size > SESSION_LIMIT) known.delete(oldest);
}

/**
 * TLS over a socket; the server proves that it is `name`, a host name or an address. A session with the same name at the same `place` is
 * resumed, which saves both sides the work of the certificates.
 */
export async function secure(
  socket: Socket,
  { name, place }: { readonly name: string; readonly place: string },
  secureContext: SecureContext,
  signal: AbortSignal,
): Promise<TLSSocket> {
  // SNI takes names alone (RFC 6066 §3); an address is checked against the certificate all the same.
  const servername = isIP(name) === 0 ? name : '';
  const known = sessions(secureContext);
  const key = `${name} ${place}`;
  const session = known.get(key);
  const secured = connect({
    ...{ socket, host: name, servername, secureContext, ALPNProtocols: ['http/1.1'] },
    ...(session === undefined ? {} : { session }),
  });
  secured.on('error', () => undefined);
  secured.on('session', (fresh: Buffer) => keep(known, key, fresh));
  await ready(secured, 'secureConnect', signal);
  return secured;
}

import { isSmmfError, SmmfError } from '@smmf/core';

/** How far a connection had come. */
export type DialStage = 'connect' | 'proxy' | 'tls' | 'hook';

/** Why there is no connection, or no answer over one. */
export type DialReason =
  | 'refused'
  | 'dns'
  | 'network'
  | 'timeout'
  | 'stalled'
  | 'tls'
  | 'proxy'
  | 'egress'
  | 'hook'
  | 'identity'
  | 'closed'
  | 'not-http'
  | 'too-long'
  | 'redirect'
  | 'other';

interface Explanation {
  readonly reason: DialReason;
  /** In words for an operator, with the remedy where one is known. */
  readonly why: string;
}

const CA_REMEDY = 'NODE_EXTRA_CA_CERTS=FILE makes it known, or name its file in the config as ca (in code: tls.ca)';
const UNKNOWN_AUTHORITY = `its authority is not known; ${CA_REMEDY}`;

const TLS_FAULTS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  DEPTH_ZERO_SELF_SIGNED_CERT: `its certificate is signed by itself; ${CA_REMEDY}`,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'it wants a certificate of the client; give tls.cert and tls.key',
  ERR_SSL_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'it wants a certificate of the client; give tls.cert and tls.key',
};

/** The first byte of a TLS alert: what a TLS server answers to plain HTTP. */
const TLS_ALERT = 0x15;

interface ForeignError {
  readonly code?: string;
  readonly name: string;
  readonly message: string;
  /** What Node's parser could not read. */
  readonly rawPacket?: Uint8Array;
  /** The same of undici's parser. */
  readonly data?: string;
}

/** `place`: the host, or the path of a unix socket. */
function explainNetwork(code: string, { hostname, protocol }: URL, place: string): Explanation | undefined {
  switch (code) {
    case 'ENOENT':
    case 'ECONNREFUSED':
      return { reason: 'refused', why: `nothing listens at ${place} (connection refused)` };
    case 'ENOTFOUND':
      return { reason: 'dns', why: `DNS does not know the name ${hostname}` };
    case 'EAI_AGAIN':
      return { reason: 'dns', why: `DNS gives no answer for ${hostname}` };
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return { reason: 'network', why: `there is no way to ${place} in the network (${code})` };
    case 'ETIMEDOUT':
      return { reason: 'timeout', why: `no connection to ${place} (${code})` };
    case 'EACCES':
    case 'EPERM':
      return { reason: 'refused', why: `this process may not connect to ${place} (${code})` };
    case 'ECONNRESET':
    case 'EPIPE':
    case 'UND_ERR_SOCKET':
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
      return {
        reason: 'closed',
        why: `${place} ended the connection without an answer; does it speak ${protocol}//?`,
      };
  }
  return undefined;
}

function explainTls({ code = '', message }: ForeignError, host: string): Explanation | undefined {
  const fault = TLS_FAULTS[code];
  if (fault !== undefined) return { reason: 'tls', why: `TLS failed: ${fault}` };
  const isTls = code === 'EPROTO' || code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS');
  if (!isTls) return undefined;
  const isPlain = /wrong.version.number|packet.length/i.test(`${code} ${message}`);
  if (!isPlain) return { reason: 'tls', why: `TLS failed (${code})` };
  return {
    reason: 'tls',
    why: `TLS failed: ${host} does not speak TLS; a url without TLS begins with http://`,
  };
}

function explain(error: ForeignError, text: string, socketPath?: string): Explanation {
  const url = new URL(text);
  const place = socketPath ?? url.host;
  const { code = '', name } = error;
  const known = explainNetwork(code, url, place) ?? explainTls(error, place);
  if (known) return known;
  // undici's parser leaves the code out (8.13).
  if (code.startsWith('HPE_') || name === 'HTTPParserError') {
    const isAlert = (error.rawPacket?.[0] ?? error.data?.charCodeAt(0)) === TLS_ALERT;
    const hint = isAlert ? '; it speaks TLS, so the url begins with https://' : '';
    return { reason: 'not-http', why: `what answers at ${place} is not HTTP${hint}` };
  }
  return { reason: 'other', why: `${place} cannot be reached (${code || 'no reason is known'})` };
}

const detailsOf = (error: unknown): Partial<Explanation> & { readonly stage?: DialStage } =>
  isSmmfError(error) ? (error.details ?? {}) : {};

/** Why a connection failed or gave no answer, as a closed word; undefined for an error of other kind. */
export function dialReason(error: unknown): DialReason | undefined {
  return detailsOf(error).reason;
}

/** How far a connection had come that failed; undefined once it stood. */
export function dialStage(error: unknown): DialStage | undefined {
  return detailsOf(error).stage;
}

/**
 * Why a connection to `url` failed or gave no HTTP answer, in words for an operator; nothing of what was sent is in it. Takes errors of
 * a dialer and of an HTTP client, and those of Node and undici themselves.
 */
export function whyUnreachable(error: unknown, url: string): string {
  if (isSmmfError(error)) return detailsOf(error).why ?? error.message;
  return explain(error as ForeignError, url).why;
}

/** What to look at, where the reason itself does not say it. */
const REMEDIES: Readonly<Partial<Record<DialReason, string>>> = {
  refused: 'is the server started, and are host and port right?',
  dns: 'is the host spelled right, and does DNS work on this machine?',
  network: 'can this machine reach it (route, firewall, VPN)?',
  timeout: 'is it overloaded, or does a firewall drop what is sent to it?',
  'not-http': 'is it the right port?',
};

/**
 * The error without the bytes that a parser could not read: they came from a stranger, and may repeat what was sent to it. The same
 * error where it holds none.
 */
export function withoutBytes(error: unknown): unknown {
  if (!(error instanceof Error) || !('data' in error || 'rawPacket' in error)) return error;
  const { name, message, code } = error as ForeignError;
  return Object.assign(new Error(message), { name, ...(code === undefined ? {} : { code }) });
}

/** What {@link unreachable} says besides the reason. */
interface UnreachableContext {
  readonly url: string;
  readonly socketPath?: string | undefined;
  readonly cause?: unknown;
  readonly stage?: DialStage | undefined;
}

/** An UNREACHABLE that names the target, with a reason of our own. */
export function unreachable(
  reason: DialReason,
  why: string,
  { cause, stage, ...target }: UnreachableContext,
): SmmfError {
  const name = target.socketPath === undefined ? new URL(target.url).origin : `the unix socket ${target.socketPath}`;
  const details = { reason, why, ...(stage === undefined ? {} : { stage }) };
  const remedy = REMEDIES[reason];
  const message = `No answer from ${name}: ${why}${remedy === undefined ? '' : `; ${remedy}`}`;
  return new SmmfError('UNREACHABLE', message, { cause: withoutBytes(cause), details });
}

/** An UNREACHABLE out of an error of Node or undici; one of ours stays as it is. */
export function asUnreachable(error: unknown, target: Omit<UnreachableContext, 'cause'>): SmmfError {
  if (isSmmfError(error)) return error;
  const { reason, why } = explain(error as ForeignError, target.url, target.socketPath);
  return unreachable(reason, why, { ...target, cause: error });
}

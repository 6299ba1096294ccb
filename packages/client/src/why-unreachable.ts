const CERTIFICATES: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by itself; NODE_EXTRA_CA_CERTS=FILE makes it known',
  SELF_SIGNED_CERT_IN_CHAIN: 'its authority is not known; NODE_EXTRA_CA_CERTS=FILE makes it known',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its authority is not known; NODE_EXTRA_CA_CERTS=FILE makes it known',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its authority is not known; NODE_EXTRA_CA_CERTS=FILE makes it known',
};

/** The first byte of a TLS alert: what a TLS server answers to plain HTTP. */
const TLS_ALERT = 0x15;

interface NodeError {
  readonly code?: string;
  readonly message: string;
  readonly rawPacket?: Uint8Array;
}

/** Why a connection to `url` failed or gave no HTTP answer, in words for an operator; nothing of what was sent is in it. */
export function whyUnreachable(error: unknown, url: string): string {
  const { code = '', message, rawPacket } = error as NodeError;
  const { host, hostname, protocol } = new URL(url);
  switch (code) {
    case 'ECONNREFUSED':
    case 'ENOENT':
      return `nothing listens at ${host} (connection refused)`;
    case 'ENOTFOUND':
      return `DNS does not know the name ${hostname}`;
    case 'EAI_AGAIN':
      return `DNS gives no answer for ${hostname}`;
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `there is no way to ${host} in the network (${code})`;
    case 'ETIMEDOUT':
      return `no connection to ${host} (${code})`;
    case 'ECONNRESET':
    case 'EPIPE':
      return `${host} ended the connection without an answer; does it speak ${protocol}//?`;
  }
  if (code.startsWith('HPE_')) {
    const hint = rawPacket?.[0] === TLS_ALERT ? '; it speaks TLS, so the url begins with https://' : '';
    return `what answers at ${host} is not HTTP${hint}`;
  }
  if (CERTIFICATES[code] !== undefined) return `TLS failed: ${CERTIFICATES[code]}`;
  if (code === 'EPROTO' && /wrong.version.number|packet.length/i.test(message)) {
    return `TLS failed: ${host} does not speak TLS; a url without TLS begins with http://`;
  }
  const isTls = code === 'EPROTO' || code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS');
  return isTls ? `TLS failed (${code})` : `${host} cannot be reached (${code || 'no reason is known'})`;
}

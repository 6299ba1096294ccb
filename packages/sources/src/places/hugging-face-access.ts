import { type HttpHeaders, SmmfError } from '@smmf/core';
import { type Environment, header } from '../http.ts';
import type { RemoteFile } from '../remote-file.ts';
import { type HubReference, hubEndpoint } from './hub.ts';

/** How the hub is asked: its address, the token that `HF_TOKEN` gives, and what its refusals mean. */
export interface HubAccess {
  /** Without a slash at its end. */
  readonly endpoint: string;
  readonly token: string | undefined;
  readonly explain: NonNullable<RemoteFile['explain']>;
}

/**
 * How the hub is asked for a reference.
 * @throws CONFIG_INVALID for `HF_ENDPOINT` or `HF_TOKEN`
 */
export function hubAccess(reference: HubReference, env: Environment): HubAccess {
  const endpoint = hubEndpoint(env, 'HF_ENDPOINT', 'https://huggingface.co');
  const token = hubToken(env);
  return {
    endpoint,
    token,
    explain: (status, headers) => explain(reference, endpoint, token !== undefined, status, headers),
  };
}

function hubToken(env: Environment): string | undefined {
  const token = (env.HF_TOKEN ?? env.HUGGING_FACE_HUB_TOKEN)?.trim() || undefined;
  if (token !== undefined && !/^[!-~]+$/.test(token)) {
    throw new SmmfError('CONFIG_INVALID', 'HF_TOKEN holds characters that cannot be part of a token; copy it again');
  }
  return token;
}

function explain(
  reference: HubReference,
  endpoint: string,
  hasToken: boolean,
  status: number,
  headers: HttpHeaders,
): string | undefined {
  const { repository, revision, path } = reference;
  const code = header(headers, 'x-error-code');
  const page = `${endpoint}/${repository}`;
  if (status === 404 || code === 'EntryNotFound' || code === 'RevisionNotFound') {
    const isRevision = code === 'RevisionNotFound' || path === undefined;
    const missing = isRevision ? `no revision ${revision}` : `no file ${path} at revision ${revision}`;
    return `the repository ${repository} has ${missing}, or does not exist; look at ${page}`;
  }
  if (status !== 401 && status !== 403) return undefined;
  if (code === 'RepoNotFound' && hasToken)
    return `the repository ${repository} does not exist, or HF_TOKEN may not see it; look at ${page}`;
  const remedy = hasToken
    ? 'check that the account of HF_TOKEN has accepted it'
    : 'set HF_TOKEN to a token of an account that has';
  return `${repository} is gated or private (HTTP ${status}): accept its licence at ${page} and ${remedy}`;
}

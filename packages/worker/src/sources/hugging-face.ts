import { readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SmmfError } from '@smmf/core';
import { type Environment, type Headers, header, type RemoteFile } from './http-request.ts';
import { isInside } from './local-file.ts';
import { type HubSource, isAllowedOrigin } from './parse-source.ts';

/** Where a file of a Hugging Face repository is downloaded, with the token that `HF_TOKEN` gives. */
export function huggingFaceFile(source: HubSource, env: Environment): RemoteFile {
  const endpoint = hubEndpoint(env, 'HF_ENDPOINT', 'https://huggingface.co');
  const parts = [...source.repository.split('/'), 'resolve', source.revision, ...source.path.split('/')];
  const token = hubToken(env);
  return {
    label: source.label,
    url: new URL(`${endpoint}/${parts.map(encodeURIComponent).join('/')}`),
    token,
    explain: (status, headers) => explain(source, endpoint, token !== undefined, status, headers),
  };
}

/** Where a file of a ModelScope repository is downloaded (its public API, the form its own client uses; seen 2026). */
export function modelScopeFile(source: HubSource, env: Environment): RemoteFile {
  const endpoint = hubEndpoint(env, 'MODELSCOPE_ENDPOINT', 'https://modelscope.cn');
  const [organisation = '', name = ''] = source.repository.split('/').map(encodeURIComponent);
  const url = new URL(`${endpoint}/api/v1/models/${organisation}/${name}/repo`);
  url.search = new URLSearchParams({ Revision: source.revision, FilePath: source.path }).toString();
  return {
    label: source.label,
    url,
    explain: (status) => {
      if (status === 404)
        return `ModelScope has no file ${source.path} in ${source.repository} at ${source.revision}; check the spelling`;
      if (status === 401 || status === 403)
        return `ModelScope refuses ${source.repository} (HTTP ${status}): it is private or needs a consent`;
      return undefined;
    },
  };
}

function hubEndpoint(env: Environment, name: string, usual: string): string {
  const text = env[name]?.trim() || usual;
  const url = URL.parse(text);
  if (url === null || !isAllowedOrigin(url) || url.username !== '' || url.search !== '' || url.hash !== '') {
    const message = `${name} must be an https URL without user name and query (plain http to this machine only), like ${usual}`;
    throw new SmmfError('CONFIG_INVALID', message);
  }
  return url.href.replace(/\/+$/, '');
}

function hubToken(env: Environment): string | undefined {
  const token = (env.HF_TOKEN ?? env.HUGGING_FACE_HUB_TOKEN)?.trim() || undefined;
  if (token !== undefined && !/^[!-~]+$/.test(token)) {
    throw new SmmfError('CONFIG_INVALID', 'HF_TOKEN holds characters that cannot be part of a token; copy it again');
  }
  return token;
}

function explain(
  source: HubSource,
  endpoint: string,
  hasToken: boolean,
  status: number,
  headers: Headers,
): string | undefined {
  const { repository, revision, path } = source;
  const code = header(headers, 'x-error-code');
  const page = `${endpoint}/${repository}`;
  if (status === 404 || code === 'EntryNotFound' || code === 'RevisionNotFound') {
    const missing = code === 'RevisionNotFound' ? `no revision ${revision}` : `no file ${path} at revision ${revision}`;
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

/**
 * The file in a Hugging Face cache that another program has filled (`HF_HUB_CACHE`, else `HF_HOME`/hub, else the usual
 * place); undefined when it is not there. Layout: `models--org--repo/{refs/<revision>,snapshots/<commit>/<path>}`.
 */
export async function findInHuggingFaceCache(
  source: HubSource,
  env: Environment,
  home: string,
): Promise<string | undefined> {
  const hfHome = env.HF_HOME || join(env.XDG_CACHE_HOME || join(home, '.cache'), 'huggingface');
  const repository = join(env.HF_HUB_CACHE || join(hfHome, 'hub'), `models--${source.repository.replace('/', '--')}`);
  try {
    const commit = /^[0-9a-f]{40}$/.test(source.revision)
      ? source.revision
      : (await readFile(join(repository, 'refs', source.revision), 'utf8')).trim();
    if (!/^[0-9a-f]{40}$/.test(commit)) return undefined;
    const real = await realpath(join(repository, 'snapshots', commit, source.path));
    // A snapshot's files are links into the same repository's blobs; a link to anywhere else is not followed.
    const usable = isInside(await realpath(repository), real) && (await stat(real)).isFile();
    return usable ? real : undefined;
  } catch {
    return undefined;
  }
}

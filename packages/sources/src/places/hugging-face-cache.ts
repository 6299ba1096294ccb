import { readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Environment } from '../http.ts';
import type { FoundFile } from '../source.ts';
import type { HubReference } from './hub.ts';
import { isInside } from './safe-path.ts';

const COMMIT = /^[0-9a-f]{40}$/;

/**
 * The file in a Hugging Face cache that another program has filled (`HF_HUB_CACHE`, else `HF_HOME`/hub, else the usual
 * place); undefined when it is not there. Layout: `models--org--repo/{blobs/<digest>,refs/<revision>,snapshots/<commit>/<path>}`.
 * A whole repository is not looked for: a snapshot does not say whether all of its files are there.
 */
export async function findInHuggingFaceCache(
  { repository, revision, path }: HubReference,
  env: Environment,
  home: string,
): Promise<FoundFile | undefined> {
  if (path === undefined) return undefined;
  const hfHome = env.HF_HOME || join(env.XDG_CACHE_HOME || join(home, '.cache'), 'huggingface');
  const folder = join(env.HF_HUB_CACHE || join(hfHome, 'hub'), `models--${repository.replace('/', '--')}`);
  try {
    const commit = COMMIT.test(revision) ? revision : (await readFile(join(folder, 'refs', revision), 'utf8')).trim();
    if (!COMMIT.test(commit)) return undefined;
    const file = await realpath(join(folder, 'snapshots', commit, path));
    // A snapshot's files are links into the same repository's blobs; a link to anywhere else is not followed.
    const isUsable = isInside(await realpath(folder), file) && (await stat(file)).isFile();
    return isUsable ? { file, expected: expectedOf(file) } : undefined;
  } catch {
    return undefined;
  }
}

/** A blob's name is its digest: SHA-256 of a file in LFS, else the git hash. Without links (Windows) there is none to hold it against. */
function expectedOf(file: string): FoundFile['expected'] {
  const name = basename(file);
  if (basename(dirname(file)) !== 'blobs') return {};
  if (/^[0-9a-f]{64}$/.test(name)) return { sha256: name };
  return COMMIT.test(name) ? { gitOid: name } : {};
}

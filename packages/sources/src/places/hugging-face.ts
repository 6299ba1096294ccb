import { download } from '../download.ts';
import type { Environment } from '../http.ts';
import type { RemoteFile } from '../remote-file.ts';
import type { RemoteSource } from '../source.ts';
import { type HubReference, hubPlace, parseHub } from './hub.ts';
import { hubAccess } from './hugging-face-access.ts';
import { findInHuggingFaceCache } from './hugging-face-cache.ts';
import { listRepository } from './hugging-face-listing.ts';

/** Files in repositories of the Hugging Face hub, and whole repositories. */
export const huggingFace: RemoteSource<HubReference> = {
  kind: 'hf',
  schemes: ['hf'],
  form: 'hf://org/repo[@revision][/file]',
  parse: (written) => {
    const form = 'hf://organisation/repository[@revision][/path/to/file]';
    return parseHub(written, { kind: 'hf', form, usualRevision: 'main' });
  },
  placeOf: hubPlace,
  findElsewhere: (reference, { env, home }) => findInHuggingFaceCache(reference, env, home),
  fetch: (reference, part, context) => download(fileAt(reference, context.env), part, context),
  folders: {
    isFolder: ({ path }) => path === undefined,
    list: (reference, context) => listRepository(reference, hubAccess(reference, context.env), context),
    fileOf: ({ kind, repository }, revision, path) => {
      const label = `${kind}://${repository}@${revision}/${path}`;
      return { kind, repository, revision, path, label, sha256: undefined, choice: undefined };
    },
  },
};

/** Where a file of a repository is downloaded. */
function fileAt(reference: HubReference, env: Environment): RemoteFile {
  const { endpoint, token, explain } = hubAccess(reference, env);
  const { repository, revision, path = '' } = reference;
  const parts = [...repository.split('/'), 'resolve', revision, ...path.split('/')];
  return { url: new URL(`${endpoint}/${parts.map(encodeURIComponent).join('/')}`), token, explain };
}

import { download } from '../download.ts';
import type { Environment } from '../http.ts';
import type { RemoteFile } from '../remote-file.ts';
import type { RemoteSource } from '../source.ts';
import { type HubReference, hubEndpoint, hubPlace, parseHub } from './hub.ts';

const FORM = 'modelscope://organisation/repository[@revision]/path/to/file';

/** Files in repositories of ModelScope. */
export const modelScope: RemoteSource<HubReference> = {
  kind: 'modelscope',
  schemes: ['modelscope'],
  form: 'modelscope://org/repo[@revision]/file',
  parse: (written) => {
    const reference = parseHub(written, { kind: 'modelscope', form: FORM, usualRevision: 'master' });
    if (reference.path === undefined) throw written.fault(`is not ${FORM}`);
    return reference;
  },
  placeOf: hubPlace,
  fetch: (reference, part, context) => download(modelScopeFile(reference, context.env), part, context),
};

/** Where a file of a repository is downloaded (ModelScope's public API, the form its own client uses; seen 2026). */
function modelScopeFile({ repository, revision, path = '' }: HubReference, env: Environment): RemoteFile {
  const endpoint = hubEndpoint(env, 'MODELSCOPE_ENDPOINT', 'https://modelscope.cn');
  const [organisation = '', name = ''] = repository.split('/').map(encodeURIComponent);
  const url = new URL(`${endpoint}/api/v1/models/${organisation}/${name}/repo`);
  url.search = new URLSearchParams({ Revision: revision, FilePath: path }).toString();
  return {
    url,
    explain: (status) => {
      if (status === 404) return `ModelScope has no file ${path} in ${repository} at ${revision}; check the spelling`;
      if (status === 401 || status === 403)
        return `ModelScope refuses ${repository} (HTTP ${status}): it is private or needs a consent`;
      return undefined;
    },
  };
}

import type { ApiClient } from '@smmf/client';
import { type Smmf, SmmfError } from '@smmf/runtime';

/** An SMMF in this process as a client sees one: no port, no key. */
export function inProcessApi(smmf: Smmf): ApiClient {
  const models: ApiClient['models'] = async () =>
    smmf.models().map(({ id, tasks, contextLength }) => ({ id, tasks, max_model_len: contextLength }));
  return {
    models,
    async model(id) {
      const found = (await models()).find((one) => one.id === id);
      if (found) return found;
      throw new SmmfError('MODEL_NOT_FOUND', `There is no model "${id}"`);
    },
    chat: (request, signal) => smmf.chat({ ...request, stream: true }, { signal }),
    close: async () => undefined,
  };
}

import type { Dialect } from '../dialect.ts';
import { dialect as zhipu } from './zhipu.ts';

const { embeddings: _embeddings, ...more } = zhipu;

/** Zhipu GLM with a token that is signed with the secret of the key. */
export const dialect: Dialect = {
  ...more,
  vendor: 'Zhipu GLM, JWT',
  name: 'Zhipu',
  sources: [
    { of: 'tokens: fields, milliseconds', at: 'docs.bigmodel.cn/cn/guide/start/quick-start', seen: '2026-11-23' },
  ],
  auth: { kind: 'zhipu-jwt' },
  options: () => ({ auth: 'jwt' }),
  models: { chat: zhipu.models.chat },
};

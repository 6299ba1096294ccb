import { defineVendor } from '@smmf/client';
import * as z from 'zod';
import { zhipuProfile } from './profile.ts';

/** The engine plugin `proxy-zhipu`: Zhipu, whose models are called GLM. */
export default defineVendor({
  name: 'proxy-zhipu',
  options: {
    region: z.enum(['cn', 'intl']).default('cn').describe('cn: open.bigmodel.cn; intl: api.z.ai'),
    auth: z.enum(['bearer', 'jwt']).default('bearer').describe('How the key is shown: as it is, or as a signed token'),
  },
  profile: zhipuProfile,
});

import { defineVendor } from '@smmf/client';
import * as z from 'zod';
import { moonshotProfile } from './profile.ts';

/** The engine plugin `proxy-moonshot`: Moonshot, whose models are called Kimi. */
export default defineVendor({
  name: 'proxy-moonshot',
  options: { region: z.enum(['cn', 'intl']).default('cn').describe('cn: api.moonshot.cn; intl: api.moonshot.ai') },
  profile: moonshotProfile,
});

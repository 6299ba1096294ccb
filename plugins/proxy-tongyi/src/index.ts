import { defineVendor } from '@smmf/client';
import * as z from 'zod';
import { TONGYI_REGIONS, tongyiNeeds, tongyiProfile } from './profile.ts';

/** The engine plugin `proxy-tongyi`: Alibaba's Model Studio. */
export default defineVendor({
  name: 'proxy-tongyi',
  options: {
    region: z.enum(TONGYI_REGIONS).default('cn-beijing').describe('Where the key is from'),
    workspace: z
      .string()
      .regex(/^[\w-]{1,64}$/)
      .optional()
      .describe('Id of a workspace, which has a host of its own; default: the host that a region shares'),
  },
  profile: tongyiProfile,
  needs: tongyiNeeds,
});

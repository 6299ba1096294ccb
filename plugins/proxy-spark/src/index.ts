import { defineVendor } from '@smmf/client';
import * as z from 'zod';
import { sparkProfile } from './profile.ts';

/** The engine plugin `proxy-spark`: iFlytek Spark over HTTP. */
export default defineVendor({
  name: 'proxy-spark',
  options: {
    version: z.enum(['v1', 'v2', 'x2']).default('v1').describe('v1: Lite, Pro, Max, 4.0 Ultra; v2: X1.5; x2: X2'),
  },
  profile: sparkProfile,
});

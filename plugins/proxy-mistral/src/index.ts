import { defineVendor } from '@smmf/client';
import { mistralProfile } from './profile.ts';

/** The engine plugin `proxy-mistral`: Mistral. */
export default defineVendor({ name: 'proxy-mistral', options: {}, profile: () => mistralProfile });

import { defineVendor } from '@smmf/client';
import { deepseekProfile } from './profile.ts';

/** The engine plugin `proxy-deepseek`: DeepSeek. */
export default defineVendor({ name: 'proxy-deepseek', options: {}, profile: () => deepseekProfile });

import { defineVendor } from '@smmf/client';
import { baichuanProfile } from './profile.ts';

/** The engine plugin `proxy-baichuan`: Baichuan. */
export default defineVendor({ name: 'proxy-baichuan', options: {}, profile: () => baichuanProfile });

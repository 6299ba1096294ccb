import { defineVendor } from '@smmf/client';
import { option } from '@smmf/core';
import { openRouterProfile } from './profile.ts';

/** The engine plugin `proxy-openrouter`. */
export default defineVendor({
  name: 'proxy-openrouter',
  options: {
    referer: option.headerText().optional().describe('Address of your program, for its rankings; sent as HTTP-Referer'),
    title: option.headerText().optional().describe('Name of your program; sent as X-Title'),
  },
  profile: openRouterProfile,
});

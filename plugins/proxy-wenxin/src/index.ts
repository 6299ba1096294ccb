import { defineVendor } from '@smmf/client';
import { option } from '@smmf/core';
import { wenxinProfile } from './profile.ts';

/** The engine plugin `proxy-wenxin`: Baidu Qianfan, API v2. */
export default defineVendor({
  name: 'proxy-wenxin',
  options: { appId: option.headerText().optional().describe('Id of an application; sent as appid') },
  profile: wenxinProfile,
});

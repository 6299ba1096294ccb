// dist/index.d.ts
import { Plugin } from '@smmf/core';
import { VendorOptions } from '@smmf/client';
import { ZodOptional } from 'zod';
import { ZodString } from 'zod';

/** The engine plugin `proxy-wenxin`: Baidu Qianfan, API v2. */
declare const _default: Plugin<"engine", VendorOptions<    {
appId: ZodOptional<ZodString>;
}>>;
export default _default;

export { }

// dist/index.d.ts
import { Plugin } from '@smmf/core';
import { VendorOptions } from '@smmf/client';

/** The engine plugin `proxy-baichuan`: Baichuan. */
declare const _default: Plugin<"engine", VendorOptions<    {}>>;
export default _default;

export { }

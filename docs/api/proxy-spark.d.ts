// dist/index.d.ts
import { Plugin } from '@smmf/core';
import { VendorOptions } from '@smmf/client';
import * as z from 'zod';

/** The engine plugin `proxy-spark`: iFlytek Spark over HTTP. */
declare const _default: Plugin<"engine", VendorOptions<    {
version: z.ZodDefault<z.ZodEnum<{
v1: "v1";
v2: "v2";
x2: "x2";
}>>;
}>>;
export default _default;

export { }

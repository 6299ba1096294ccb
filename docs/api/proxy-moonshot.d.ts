// dist/index.d.ts
import { Plugin } from '@smmf/core';
import { VendorOptions } from '@smmf/client';
import * as z from 'zod';

/** The engine plugin `proxy-moonshot`: Moonshot, whose models are called Kimi. */
declare const _default: Plugin<"engine", VendorOptions<    {
region: z.ZodDefault<z.ZodEnum<{
cn: "cn";
intl: "intl";
}>>;
}>>;
export default _default;

export { }

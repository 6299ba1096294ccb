// dist/index.d.ts
import { Plugin } from '@smmf/core';
import { VendorOptions } from '@smmf/client';
import * as z from 'zod';

/** The engine plugin `proxy-zhipu`: Zhipu, whose models are called GLM. */
declare const _default: Plugin<"engine", VendorOptions<    {
region: z.ZodDefault<z.ZodEnum<{
cn: "cn";
intl: "intl";
}>>;
auth: z.ZodDefault<z.ZodEnum<{
bearer: "bearer";
jwt: "jwt";
}>>;
}>>;
export default _default;

export { }

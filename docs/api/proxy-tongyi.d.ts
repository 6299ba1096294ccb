// dist/index.d.ts
import { Plugin } from '@smmf/core';
import { VendorOptions } from '@smmf/client';
import * as z from 'zod';

/** The engine plugin `proxy-tongyi`: Alibaba's Model Studio. */
declare const _default: Plugin<"engine", VendorOptions<    {
region: z.ZodDefault<z.ZodEnum<{
"ap-northeast-1": "ap-northeast-1";
"ap-southeast-1": "ap-southeast-1";
"cn-beijing": "cn-beijing";
"cn-hongkong": "cn-hongkong";
"eu-central-1": "eu-central-1";
"us-east-1": "us-east-1";
}>>;
workspace: z.ZodOptional<z.ZodString>;
}>>;
export default _default;

export { }

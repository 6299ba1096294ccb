// dist/index.d.ts
import { Plugin } from '@smmf/core';
import { VendorOptions } from '@smmf/client';
import { ZodOptional } from 'zod';
import { ZodString } from 'zod';

/** The engine plugin `proxy-openrouter`. */
declare const _default: Plugin<"engine", VendorOptions<    {
referer: ZodOptional<ZodString>;
title: ZodOptional<ZodString>;
}>>;
export default _default;

export { }

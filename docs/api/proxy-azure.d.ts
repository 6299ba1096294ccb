// dist/index.d.ts
import { Plugin } from '@smmf/core';
import { Secret } from '@smmf/core';
import { VendorOptions } from '@smmf/client';
import * as z from 'zod';

/** The engine plugin `proxy-azure`: Azure OpenAI. */
declare const _default: Plugin<"engine", VendorOptions<    {
resource: z.ZodOptional<z.ZodString>;
apiVersion: z.ZodOptional<z.ZodString>;
entra: z.ZodOptional<z.ZodObject<{
tenant: z.ZodString;
clientId: z.ZodString;
clientSecret: z.ZodOptional<z.ZodPipe<z.ZodString, z.ZodTransform<Secret, string>>>;
tokenFile: z.ZodOptional<z.ZodString>;
scope: z.ZodDefault<z.ZodString>;
authority: z.ZodDefault<z.ZodURL>;
managedIdentity: z.ZodOptional<z.ZodUndefined>;
}, z.core.$strict>>;
}>>;
export default _default;

export { }

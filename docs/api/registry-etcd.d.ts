// dist/index.d.ts
import { $strict } from 'zod/v4/core';
import { $ZodTypeInternals } from 'zod/v4/core';
import { Plugin } from '@smmf/core';
import { Secret } from '@smmf/core';
import { TlsSettings } from '@smmf/core';
import * as z from 'zod';
import { ZodArray } from 'zod';
import { ZodObject } from 'zod';
import { ZodOptional } from 'zod';
import { ZodPipe } from 'zod';
import { ZodPrefault } from 'zod';
import { ZodString } from 'zod';
import { ZodTransform } from 'zod';
import { ZodType } from 'zod';
import { ZodURL } from 'zod';

/** The registry plugin `registry-etcd`: entries in etcd (3.4 or newer), under its leases. */
declare const _default: Plugin<"registry", ZodObject<    {
endpoints: ZodArray<ZodPipe<ZodURL, ZodTransform<string, string>>>;
username: ZodOptional<ZodString>;
password: ZodOptional<ZodPipe<ZodString, ZodTransform<Secret, string>>>;
tls: ZodOptional<ZodPipe<ZodObject<    {
caFile: ZodOptional<ZodString>;
certFile: ZodOptional<ZodString>;
keyFile: ZodOptional<ZodString>;
}, $strict>, ZodTransform<TlsSettings, {
caFile?: string | undefined;
certFile?: string | undefined;
keyFile?: string | undefined;
}>>>;
requestTimeout: ZodPrefault<ZodType<number, string | number, $ZodTypeInternals<number, string | number>>>;
}, $strict>>;
export default _default;

declare const options: z.ZodObject<{
    endpoints: z.ZodArray<z.ZodPipe<z.ZodURL, z.ZodTransform<string, string>>>;
    username: z.ZodOptional<z.ZodString>;
    password: z.ZodOptional<z.ZodPipe<z.ZodString, z.ZodTransform<Secret, string>>>;
    tls: z.ZodOptional<z.ZodPipe<z.ZodObject<{
        caFile: z.ZodOptional<z.ZodString>;
        certFile: z.ZodOptional<z.ZodString>;
        keyFile: z.ZodOptional<z.ZodString>;
    }, z.core.$strict>, z.ZodTransform<TlsSettings, {
        caFile?: string | undefined;
        certFile?: string | undefined;
        keyFile?: string | undefined;
    }>>>;
    requestTimeout: z.ZodPrefault<z.ZodType<number, string | number, z.core.$ZodTypeInternals<number, string | number>>>;
}, z.core.$strict>;

/** Options of the plugin, as they stand in a config. */
export declare type RegistryEtcdOptions = z.input<typeof options>;

export { }

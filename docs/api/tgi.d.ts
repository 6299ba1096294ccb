// dist/index.d.ts
import { $strict } from 'zod/v4/core';
import { $ZodTypeInternals } from 'zod/v4/core';
import { Plugin } from '@smmf/core';
import { Secret } from '@smmf/core';
import { TlsSettings } from '@smmf/core';
import * as z from 'zod';
import { ZodArray } from 'zod';
import { ZodBoolean } from 'zod';
import { ZodDefault } from 'zod';
import { ZodEnum } from 'zod';
import { ZodObject } from 'zod';
import { ZodOptional } from 'zod';
import { ZodPipe } from 'zod';
import { ZodPrefault } from 'zod';
import { ZodRecord } from 'zod';
import { ZodString } from 'zod';
import { ZodTransform } from 'zod';
import { ZodType } from 'zod';
import { ZodUnion } from 'zod';
import { ZodURL } from 'zod';

/** The engine plugin `tgi`: a Text Generation Inference server that is running already. */
declare const _default: Plugin<"engine", ZodObject<    {
url: ZodPipe<ZodURL, ZodTransform<string, string>>;
apiKey: ZodOptional<ZodPipe<ZodString, ZodTransform<Secret, string>>>;
headers: ZodOptional<ZodRecord<ZodString, ZodPipe<ZodString, ZodTransform<Secret, string>>>>;
tasks: ZodDefault<ZodArray<ZodEnum<    {
chat: "chat";
completions: "completions";
}>>>;
strict: ZodDefault<ZodBoolean>;
connectTimeout: ZodPrefault<ZodType<number, string | number, $ZodTypeInternals<number, string | number>>>;
proxy: ZodDefault<ZodEnum<    {
env: "env";
none: "none";
}>>;
tls: ZodOptional<ZodPipe<ZodObject<    {
ca: ZodOptional<ZodUnion<readonly [ZodString, ZodArray<ZodString>]>>;
cert: ZodOptional<ZodString>;
key: ZodOptional<ZodString>;
}, $strict>, ZodTransform<TlsSettings, {
ca?: string | string[] | undefined;
cert?: string | undefined;
key?: string | undefined;
}>>>;
probe: ZodPrefault<ZodPipe<ZodObject<    {
interval: ZodPrefault<ZodType<number, string | number, $ZodTypeInternals<number, string | number>>>;
timeout: ZodPrefault<ZodType<number, string | number, $ZodTypeInternals<number, string | number>>>;
}, $strict>, ZodTransform<    {
intervalMs: number;
timeoutMs: number;
}, {
interval: number;
timeout: number;
}>>>;
}, $strict>>;
export default _default;

/** Options of the TGI engine. */
declare const options: z.ZodObject<{
    url: z.ZodPipe<z.ZodURL, z.ZodTransform<string, string>>;
    apiKey: z.ZodOptional<z.ZodPipe<z.ZodString, z.ZodTransform<Secret, string>>>;
    headers: z.ZodOptional<z.ZodRecord<z.ZodString, z.ZodPipe<z.ZodString, z.ZodTransform<Secret, string>>>>;
    tasks: z.ZodDefault<z.ZodArray<z.ZodEnum<{
        chat: "chat";
        completions: "completions";
    }>>>;
    strict: z.ZodDefault<z.ZodBoolean>;
    connectTimeout: z.ZodPrefault<z.ZodType<number, string | number, z.core.$ZodTypeInternals<number, string | number>>>;
    proxy: z.ZodDefault<z.ZodEnum<{
        env: "env";
        none: "none";
    }>>;
    tls: z.ZodOptional<z.ZodPipe<z.ZodObject<{
        ca: z.ZodOptional<z.ZodUnion<readonly [z.ZodString, z.ZodArray<z.ZodString>]>>;
        cert: z.ZodOptional<z.ZodString>;
        key: z.ZodOptional<z.ZodString>;
    }, z.core.$strict>, z.ZodTransform<TlsSettings, {
        ca?: string | string[] | undefined;
        cert?: string | undefined;
        key?: string | undefined;
    }>>>;
    probe: z.ZodPrefault<z.ZodPipe<z.ZodObject<{
        interval: z.ZodPrefault<z.ZodType<number, string | number, z.core.$ZodTypeInternals<number, string | number>>>;
        timeout: z.ZodPrefault<z.ZodType<number, string | number, z.core.$ZodTypeInternals<number, string | number>>>;
    }, z.core.$strict>, z.ZodTransform<{
        intervalMs: number;
        timeoutMs: number;
    }, {
        interval: number;
        timeout: number;
    }>>>;
}, z.core.$strict>;

/** Options of the TGI engine, as written in the config. */
export declare type TgiOptions = z.input<typeof options>;

export { }

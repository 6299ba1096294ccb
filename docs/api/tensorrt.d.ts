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
import { ZodDiscriminatedUnion } from 'zod';
import { ZodEnum } from 'zod';
import { ZodInt } from 'zod';
import { ZodLiteral } from 'zod';
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

/** The engine plugin `tensorrt`: a trtllm-serve, or a model of a Triton Inference Server, that is running already. */
declare const _default: Plugin<"engine", ZodDiscriminatedUnion<[ZodObject<    {
apiKey: ZodOptional<ZodPipe<ZodString, ZodTransform<Secret, string>>>;
headers: ZodOptional<ZodRecord<ZodString, ZodPipe<ZodString, ZodTransform<Secret, string>>>>;
connectTimeout: ZodPrefault<ZodType<number, string | number, $ZodTypeInternals<number, string | number>>>;
proxy: ZodDefault<ZodEnum<    {
env: "env";
none: "none";
}>>;
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
server: ZodDefault<ZodOptional<ZodLiteral<"trtllm-serve">>>;
url: ZodPipe<ZodURL, ZodTransform<string, string>>;
served: ZodOptional<ZodString>;
tasks: ZodDefault<ZodArray<ZodEnum<    {
chat: "chat";
completions: "completions";
}>>>;
tls: ZodOptional<ZodPipe<ZodObject<    {
ca: ZodOptional<ZodUnion<readonly [ZodString, ZodArray<ZodString>]>>;
cert: ZodOptional<ZodString>;
key: ZodOptional<ZodString>;
}, $strict>, ZodTransform<TlsSettings, {
ca?: string | string[] | undefined;
cert?: string | undefined;
key?: string | undefined;
}>>>;
strict: ZodDefault<ZodBoolean>;
}, $strict>, ZodObject<    {
apiKey: ZodOptional<ZodPipe<ZodString, ZodTransform<Secret, string>>>;
headers: ZodOptional<ZodRecord<ZodString, ZodPipe<ZodString, ZodTransform<Secret, string>>>>;
connectTimeout: ZodPrefault<ZodType<number, string | number, $ZodTypeInternals<number, string | number>>>;
proxy: ZodDefault<ZodEnum<    {
env: "env";
none: "none";
}>>;
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
server: ZodLiteral<"triton">;
url: ZodPipe<ZodURL, ZodTransform<string, string>>;
model: ZodOptional<ZodString>;
tasks: ZodOptional<ZodArray<ZodEnum<    {
chat: "chat";
completions: "completions";
}>>>;
template: ZodOptional<ZodString>;
tokenizer: ZodOptional<ZodUnion<readonly [ZodUnion<readonly [ZodString, ZodObject<    {
url: ZodString;
sha256: ZodOptional<ZodString>;
}, $strict>]>, ZodArray<ZodUnion<readonly [ZodString, ZodObject<    {
url: ZodString;
sha256: ZodOptional<ZodString>;
}, $strict>]>>]>>;
keepBos: ZodDefault<ZodBoolean>;
maxTokens: ZodDefault<ZodInt>;
contextLength: ZodOptional<ZodInt>;
slots: ZodDefault<ZodInt>;
metrics: ZodOptional<ZodUnion<readonly [ZodPipe<ZodURL, ZodTransform<string, string>>, ZodLiteral<false>]>>;
manage: ZodDefault<ZodBoolean>;
loadTimeout: ZodPrefault<ZodType<number, string | number, $ZodTypeInternals<number, string | number>>>;
}, $strict>], "server">>;
export default _default;

/** Options of the TensorRT-LLM engine. */
declare const options: z.ZodDiscriminatedUnion<[z.ZodObject<{
    apiKey: z.ZodOptional<z.ZodPipe<z.ZodString, z.ZodTransform<Secret, string>>>;
    headers: z.ZodOptional<z.ZodRecord<z.ZodString, z.ZodPipe<z.ZodString, z.ZodTransform<Secret, string>>>>;
    connectTimeout: z.ZodPrefault<z.ZodType<number, string | number, z.core.$ZodTypeInternals<number, string | number>>>;
    proxy: z.ZodDefault<z.ZodEnum<{
        env: "env";
        none: "none";
    }>>;
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
    server: z.ZodDefault<z.ZodOptional<z.ZodLiteral<"trtllm-serve">>>;
    url: z.ZodPipe<z.ZodURL, z.ZodTransform<string, string>>;
    served: z.ZodOptional<z.ZodString>;
    tasks: z.ZodDefault<z.ZodArray<z.ZodEnum<{
        chat: "chat";
        completions: "completions";
    }>>>;
    tls: z.ZodOptional<z.ZodPipe<z.ZodObject<{
        ca: z.ZodOptional<z.ZodUnion<readonly [z.ZodString, z.ZodArray<z.ZodString>]>>;
        cert: z.ZodOptional<z.ZodString>;
        key: z.ZodOptional<z.ZodString>;
    }, z.core.$strict>, z.ZodTransform<TlsSettings, {
        ca?: string | string[] | undefined;
        cert?: string | undefined;
        key?: string | undefined;
    }>>>;
    strict: z.ZodDefault<z.ZodBoolean>;
}, z.core.$strict>, z.ZodObject<{
    apiKey: z.ZodOptional<z.ZodPipe<z.ZodString, z.ZodTransform<Secret, string>>>;
    headers: z.ZodOptional<z.ZodRecord<z.ZodString, z.ZodPipe<z.ZodString, z.ZodTransform<Secret, string>>>>;
    connectTimeout: z.ZodPrefault<z.ZodType<number, string | number, z.core.$ZodTypeInternals<number, string | number>>>;
    proxy: z.ZodDefault<z.ZodEnum<{
        env: "env";
        none: "none";
    }>>;
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
    server: z.ZodLiteral<"triton">;
    url: z.ZodPipe<z.ZodURL, z.ZodTransform<string, string>>;
    model: z.ZodOptional<z.ZodString>;
    tasks: z.ZodOptional<z.ZodArray<z.ZodEnum<{
        chat: "chat";
        completions: "completions";
    }>>>;
    template: z.ZodOptional<z.ZodString>;
    tokenizer: z.ZodOptional<z.ZodUnion<readonly [z.ZodUnion<readonly [z.ZodString, z.ZodObject<{
        url: z.ZodString;
        sha256: z.ZodOptional<z.ZodString>;
    }, z.core.$strict>]>, z.ZodArray<z.ZodUnion<readonly [z.ZodString, z.ZodObject<{
        url: z.ZodString;
        sha256: z.ZodOptional<z.ZodString>;
    }, z.core.$strict>]>>]>>;
    keepBos: z.ZodDefault<z.ZodBoolean>;
    maxTokens: z.ZodDefault<z.ZodInt>;
    contextLength: z.ZodOptional<z.ZodInt>;
    slots: z.ZodDefault<z.ZodInt>;
    metrics: z.ZodOptional<z.ZodUnion<readonly [z.ZodPipe<z.ZodURL, z.ZodTransform<string, string>>, z.ZodLiteral<false>]>>;
    manage: z.ZodDefault<z.ZodBoolean>;
    loadTimeout: z.ZodPrefault<z.ZodType<number, string | number, z.core.$ZodTypeInternals<number, string | number>>>;
}, z.core.$strict>], "server">;

/** Options of the TensorRT-LLM engine, as written in the config. */
export declare type TensorRtOptions = z.input<typeof options>;

export { }

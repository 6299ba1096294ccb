// dist/index.d.ts
import { Plugin } from '@smmf/core';
import { Secret } from '@smmf/core';
import { TlsSettings } from '@smmf/core';
import * as z from 'zod';

/** The engine plugin `proxy-openai`: any service that speaks the OpenAI API. */
declare const _default: Plugin<"engine", z.ZodObject<{
url: z.ZodPrefault<z.ZodPipe<z.ZodURL, z.ZodTransform<string, string>>>;
model: z.ZodOptional<z.ZodString>;
apiKey: z.ZodOptional<z.ZodPipe<z.ZodString, z.ZodTransform<Secret, string>>>;
headers: z.ZodOptional<z.ZodRecord<z.ZodString, z.ZodPipe<z.ZodString, z.ZodTransform<Secret, string>>>>;
organization: z.ZodOptional<z.ZodString>;
project: z.ZodOptional<z.ZodString>;
tasks: z.ZodDefault<z.ZodArray<z.ZodEnum<{
chat: "chat";
completions: "completions";
embeddings: "embeddings";
rerank: "rerank";
}>>>;
streamUsage: z.ZodDefault<z.ZodBoolean>;
slots: z.ZodOptional<z.ZodInt>;
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
}, z.core.$strict>>;
export default _default;

/** Options of the engine for services that speak the OpenAI API. */
declare const options: z.ZodObject<{
    url: z.ZodPrefault<z.ZodPipe<z.ZodURL, z.ZodTransform<string, string>>>;
    model: z.ZodOptional<z.ZodString>;
    apiKey: z.ZodOptional<z.ZodPipe<z.ZodString, z.ZodTransform<Secret, string>>>;
    headers: z.ZodOptional<z.ZodRecord<z.ZodString, z.ZodPipe<z.ZodString, z.ZodTransform<Secret, string>>>>;
    organization: z.ZodOptional<z.ZodString>;
    project: z.ZodOptional<z.ZodString>;
    tasks: z.ZodDefault<z.ZodArray<z.ZodEnum<{
        chat: "chat";
        completions: "completions";
        embeddings: "embeddings";
        rerank: "rerank";
    }>>>;
    streamUsage: z.ZodDefault<z.ZodBoolean>;
    slots: z.ZodOptional<z.ZodInt>;
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

/** Options of the engine for services that speak the OpenAI API, as written in the config. */
export declare type ProxyOpenAiOptions = z.input<typeof options>;

export { }

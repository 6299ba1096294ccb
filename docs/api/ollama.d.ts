// dist/index.d.ts
import { Plugin } from '@smmf/core';
import { Secret } from '@smmf/core';
import { TlsSettings } from '@smmf/core';
import * as z from 'zod';

/** The engine plugin `ollama`: an Ollama server that is running already. */
declare const _default: Plugin<"engine", z.ZodObject<{
url: z.ZodPrefault<z.ZodPipe<z.ZodURL, z.ZodTransform<string, string>>>;
model: z.ZodOptional<z.ZodString>;
apiKey: z.ZodOptional<z.ZodPipe<z.ZodString, z.ZodTransform<Secret, string>>>;
headers: z.ZodOptional<z.ZodRecord<z.ZodString, z.ZodPipe<z.ZodString, z.ZodTransform<Secret, string>>>>;
tasks: z.ZodDefault<z.ZodArray<z.ZodEnum<{
chat: "chat";
completions: "completions";
embeddings: "embeddings";
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
}, z.core.$strict>>;
export default _default;

/** Options of the Ollama engine, as written in the config. */
export declare type OllamaOptions = z.input<typeof options>;

/** Options of the Ollama engine. */
declare const options: z.ZodObject<{
    url: z.ZodPrefault<z.ZodPipe<z.ZodURL, z.ZodTransform<string, string>>>;
    model: z.ZodOptional<z.ZodString>;
    apiKey: z.ZodOptional<z.ZodPipe<z.ZodString, z.ZodTransform<Secret, string>>>;
    headers: z.ZodOptional<z.ZodRecord<z.ZodString, z.ZodPipe<z.ZodString, z.ZodTransform<Secret, string>>>>;
    tasks: z.ZodDefault<z.ZodArray<z.ZodEnum<{
        chat: "chat";
        completions: "completions";
        embeddings: "embeddings";
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

export { }

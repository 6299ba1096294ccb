// dist/index.d.ts
export type { VllmOptions } from './options.ts';
/** The engine plugin `vllm`: a vLLM server that is running already. */
declare const _default: import("@smmf/core").Plugin<"engine", import("zod").ZodObject<{
    url: import("zod").ZodPipe<import("zod").ZodURL, import("zod").ZodTransform<string, string>>;
    served: import("zod").ZodOptional<import("zod").ZodString>;
    apiKey: import("zod").ZodOptional<import("zod").ZodPipe<import("zod").ZodString, import("zod").ZodTransform<import("@smmf/core").Secret, string>>>;
    headers: import("zod").ZodOptional<import("zod").ZodRecord<import("zod").ZodString, import("zod").ZodPipe<import("zod").ZodString, import("zod").ZodTransform<import("@smmf/core").Secret, string>>>>;
    tasks: import("zod").ZodDefault<import("zod").ZodArray<import("zod").ZodEnum<{
        chat: "chat";
        completions: "completions";
        embeddings: "embeddings";
        rerank: "rerank";
    }>>>;
    connectTimeout: import("zod").ZodPrefault<import("zod").ZodType<number, string | number, import("zod/v4/core").$ZodTypeInternals<number, string | number>>>;
    proxy: import("zod").ZodDefault<import("zod").ZodEnum<{
        env: "env";
        none: "none";
    }>>;
    probe: import("zod").ZodPrefault<import("zod").ZodPipe<import("zod").ZodObject<{
        interval: import("zod").ZodPrefault<import("zod").ZodType<number, string | number, import("zod/v4/core").$ZodTypeInternals<number, string | number>>>;
        timeout: import("zod").ZodPrefault<import("zod").ZodType<number, string | number, import("zod/v4/core").$ZodTypeInternals<number, string | number>>>;
    }, import("zod/v4/core").$strict>, import("zod").ZodTransform<{
        intervalMs: number;
        timeoutMs: number;
    }, {
        interval: number;
        timeout: number;
    }>>>;
}, import("zod/v4/core").$strict>>;
export default _default;

// dist/options.d.ts
import * as z from 'zod';
/** Options of the vLLM engine. */
export declare const options: z.ZodObject<{
    url: z.ZodPipe<z.ZodURL, z.ZodTransform<string, string>>;
    served: z.ZodOptional<z.ZodString>;
    apiKey: z.ZodOptional<z.ZodPipe<z.ZodString, z.ZodTransform<import("@smmf/core").Secret, string>>>;
    headers: z.ZodOptional<z.ZodRecord<z.ZodString, z.ZodPipe<z.ZodString, z.ZodTransform<import("@smmf/core").Secret, string>>>>;
    tasks: z.ZodDefault<z.ZodArray<z.ZodEnum<{
        chat: "chat";
        completions: "completions";
        embeddings: "embeddings";
        rerank: "rerank";
    }>>>;
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
}, z.core.$strict>;
/** Options of the vLLM engine, as written in the config. */
export type VllmOptions = z.input<typeof options>;

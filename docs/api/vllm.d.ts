// dist/index.d.ts
export type { VllmOptions } from './options.ts';
/** The engine plugin `vllm`: a vLLM server that is running already. */
declare const _default: import("@smmf/core").Plugin<"engine", import("zod").ZodObject<{
    url: import("zod").ZodURL;
    served: import("zod").ZodOptional<import("zod").ZodString>;
    apiKey: import("zod").ZodOptional<import("zod").ZodPipe<import("zod").ZodString, import("zod").ZodTransform<import("@smmf/core").Secret, string>>>;
    tasks: import("zod").ZodDefault<import("zod").ZodArray<import("zod").ZodEnum<{
        chat: "chat";
        completions: "completions";
        embeddings: "embeddings";
        rerank: "rerank";
    }>>>;
    connectTimeout: import("zod").ZodPrefault<import("zod").ZodType<number, string | number, import("zod/v4/core").$ZodTypeInternals<number, string | number>>>;
}, import("zod/v4/core").$strict>>;
export default _default;

// dist/options.d.ts
import * as z from 'zod';
/** Options of the vLLM engine. */
export declare const options: z.ZodObject<{
    url: z.ZodURL;
    served: z.ZodOptional<z.ZodString>;
    apiKey: z.ZodOptional<z.ZodPipe<z.ZodString, z.ZodTransform<import("@smmf/core").Secret, string>>>;
    tasks: z.ZodDefault<z.ZodArray<z.ZodEnum<{
        chat: "chat";
        completions: "completions";
        embeddings: "embeddings";
        rerank: "rerank";
    }>>>;
    connectTimeout: z.ZodPrefault<z.ZodType<number, string | number, z.core.$ZodTypeInternals<number, string | number>>>;
}, z.core.$strict>;
/** Options of the vLLM engine, as written in the config. */
export type VllmOptions = z.input<typeof options>;

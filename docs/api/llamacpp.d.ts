// dist/index.d.ts
export type { LlamaCppOptions } from './options.ts';
/** The engine plugin `llamacpp`: llama.cpp in the engine's process, from a GGUF file. */
declare const _default: import("@smmf/core").Plugin<"engine", import("zod").ZodObject<{
    source: import("zod").ZodUnion<readonly [import("zod").ZodUnion<readonly [import("zod").ZodString, import("zod").ZodObject<{
        url: import("zod").ZodString;
        sha256: import("zod").ZodOptional<import("zod").ZodString>;
    }, import("zod/v4/core").$strict>]>, import("zod").ZodArray<import("zod").ZodUnion<readonly [import("zod").ZodString, import("zod").ZodObject<{
        url: import("zod").ZodString;
        sha256: import("zod").ZodOptional<import("zod").ZodString>;
    }, import("zod/v4/core").$strict>]>>]>;
    contextLength: import("zod").ZodOptional<import("zod").ZodNumber>;
    parallel: import("zod").ZodOptional<import("zod").ZodNumber>;
    threads: import("zod").ZodOptional<import("zod").ZodNumber>;
    gpu: import("zod").ZodOptional<import("zod").ZodUnion<readonly [import("zod").ZodLiteral<false>, import("zod").ZodEnum<{
        auto: "auto";
        cuda: "cuda";
        metal: "metal";
        vulkan: "vulkan";
    }>]>>;
}, import("zod/v4/core").$strict>>;
export default _default;

// dist/options.d.ts
import * as z from 'zod';
/** Options of the llama.cpp engine. */
export declare const options: z.ZodObject<{
    source: z.ZodUnion<readonly [z.ZodUnion<readonly [z.ZodString, z.ZodObject<{
        url: z.ZodString;
        sha256: z.ZodOptional<z.ZodString>;
    }, z.core.$strict>]>, z.ZodArray<z.ZodUnion<readonly [z.ZodString, z.ZodObject<{
        url: z.ZodString;
        sha256: z.ZodOptional<z.ZodString>;
    }, z.core.$strict>]>>]>;
    contextLength: z.ZodOptional<z.ZodNumber>;
    parallel: z.ZodOptional<z.ZodNumber>;
    threads: z.ZodOptional<z.ZodNumber>;
    gpu: z.ZodOptional<z.ZodUnion<readonly [z.ZodLiteral<false>, z.ZodEnum<{
        auto: "auto";
        cuda: "cuda";
        metal: "metal";
        vulkan: "vulkan";
    }>]>>;
}, z.core.$strict>;
/** Options of the llama.cpp engine, as written in the config. */
export type LlamaCppOptions = z.input<typeof options>;

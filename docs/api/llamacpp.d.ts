// dist/index.d.ts
import { $strict } from 'zod/v4/core';
import { Plugin } from '@smmf/core';
import * as z from 'zod';
import { ZodArray } from 'zod';
import { ZodEnum } from 'zod';
import { ZodLiteral } from 'zod';
import { ZodNumber } from 'zod';
import { ZodObject } from 'zod';
import { ZodOptional } from 'zod';
import { ZodString } from 'zod';
import { ZodUnion } from 'zod';

/** The engine plugin `llamacpp`: llama.cpp in the engine's process, from a GGUF file. */
declare const _default: Plugin<"engine", ZodObject<    {
source: ZodUnion<readonly [ZodUnion<readonly [ZodString, ZodObject<    {
url: ZodString;
sha256: ZodOptional<ZodString>;
}, $strict>]>, ZodArray<ZodUnion<readonly [ZodString, ZodObject<    {
url: ZodString;
sha256: ZodOptional<ZodString>;
}, $strict>]>>]>;
contextLength: ZodOptional<ZodNumber>;
parallel: ZodOptional<ZodNumber>;
threads: ZodOptional<ZodNumber>;
gpu: ZodOptional<ZodUnion<readonly [ZodLiteral<false>, ZodEnum<    {
auto: "auto";
cuda: "cuda";
metal: "metal";
vulkan: "vulkan";
}>]>>;
matryoshka: ZodOptional<ZodUnion<readonly [ZodLiteral<true>, ZodArray<ZodNumber>]>>;
}, $strict>>;
export default _default;

/** Options of the llama.cpp engine, as written in the config. */
export declare type LlamaCppOptions = z.input<typeof options>;

/** Options of the llama.cpp engine. */
declare const options: z.ZodObject<{
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
    matryoshka: z.ZodOptional<z.ZodUnion<readonly [z.ZodLiteral<true>, z.ZodArray<z.ZodNumber>]>>;
}, z.core.$strict>;

export { }

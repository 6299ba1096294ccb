// dist/index.d.ts
import { $strict } from 'zod/v4/core';
import { $ZodTypeInternals } from 'zod/v4/core';
import { Plugin } from '@smmf/core';
import * as z from 'zod';
import { ZodArray } from 'zod';
import { ZodBoolean } from 'zod';
import { ZodDefault } from 'zod';
import { ZodEnum } from 'zod';
import { ZodInt } from 'zod';
import { ZodObject } from 'zod';
import { ZodOptional } from 'zod';
import { ZodPrefault } from 'zod';
import { ZodString } from 'zod';
import { ZodType } from 'zod';
import { ZodUnion } from 'zod';

/** The engine plugin `embeddings`: embeddings or rerank by an ONNX model, in threads of the engine's process. */
declare const _default: Plugin<"engine", ZodObject<    {
source: ZodUnion<readonly [ZodUnion<readonly [ZodString, ZodObject<    {
url: ZodString;
sha256: ZodOptional<ZodString>;
}, $strict>]>, ZodArray<ZodUnion<readonly [ZodString, ZodObject<    {
url: ZodString;
sha256: ZodOptional<ZodString>;
}, $strict>]>>]>;
task: ZodDefault<ZodEnum<    {
embeddings: "embeddings";
rerank: "rerank";
}>>;
pooling: ZodOptional<ZodEnum<    {
cls: "cls";
last: "last";
mean: "mean";
}>>;
normalize: ZodOptional<ZodBoolean>;
maxTokens: ZodOptional<ZodInt>;
truncate: ZodDefault<ZodEnum<    {
end: "end";
error: "error";
}>>;
dtype: ZodDefault<ZodEnum<    {
bnb4: "bnb4";
fp16: "fp16";
fp32: "fp32";
int8: "int8";
q4: "q4";
q4f16: "q4f16";
q8: "q8";
uint8: "uint8";
}>>;
threads: ZodDefault<ZodInt>;
intraOpThreads: ZodDefault<ZodInt>;
batchItems: ZodDefault<ZodInt>;
batchTokens: ZodDefault<ZodInt>;
batchWait: ZodPrefault<ZodType<number, string | number, $ZodTypeInternals<number, string | number>>>;
}, $strict>>;
export default _default;

/** Options of the engine, as written in the config. */
export declare type EmbeddingsOptions = z.input<typeof options>;

/** Options of the engine. */
declare const options: z.ZodObject<{
    source: z.ZodUnion<readonly [z.ZodUnion<readonly [z.ZodString, z.ZodObject<{
        url: z.ZodString;
        sha256: z.ZodOptional<z.ZodString>;
    }, z.core.$strict>]>, z.ZodArray<z.ZodUnion<readonly [z.ZodString, z.ZodObject<{
        url: z.ZodString;
        sha256: z.ZodOptional<z.ZodString>;
    }, z.core.$strict>]>>]>;
    task: z.ZodDefault<z.ZodEnum<{
        embeddings: "embeddings";
        rerank: "rerank";
    }>>;
    pooling: z.ZodOptional<z.ZodEnum<{
        cls: "cls";
        last: "last";
        mean: "mean";
    }>>;
    normalize: z.ZodOptional<z.ZodBoolean>;
    maxTokens: z.ZodOptional<z.ZodInt>;
    truncate: z.ZodDefault<z.ZodEnum<{
        end: "end";
        error: "error";
    }>>;
    dtype: z.ZodDefault<z.ZodEnum<{
        bnb4: "bnb4";
        fp16: "fp16";
        fp32: "fp32";
        int8: "int8";
        q4: "q4";
        q4f16: "q4f16";
        q8: "q8";
        uint8: "uint8";
    }>>;
    threads: z.ZodDefault<z.ZodInt>;
    intraOpThreads: z.ZodDefault<z.ZodInt>;
    batchItems: z.ZodDefault<z.ZodInt>;
    batchTokens: z.ZodDefault<z.ZodInt>;
    batchWait: z.ZodPrefault<z.ZodType<number, string | number, z.core.$ZodTypeInternals<number, string | number>>>;
}, z.core.$strict>;

export { }

// dist/backend.d.ts
import type { BatchBackend } from '@smmf/protocol';
import type { BatchItem } from '@smmf/protocol';

/** The plugin's options as `prepare` hands them on. */
export declare interface BackendOptions {
    readonly folder: string;
    readonly task: 'embeddings' | 'rerank';
    readonly pooling?: Pooling | undefined;
    readonly normalize?: boolean | undefined;
    readonly maxTokens?: number | undefined;
    readonly truncate: 'end' | 'error';
    readonly dtype: string;
    readonly intraOpThreads: number;
    readonly batchItems: number;
    readonly batchTokens: number;
    readonly batchWait: number;
}

/** A text that waits for its batch. */
declare interface Item extends BatchItem, TokenRow {
    /** Numbers of its vector. */
    readonly size: number;
    readonly isRaw: boolean;
}

/** Loads the model. @throws MODEL_LOAD_FAILED */
export declare function load(options: BackendOptions, id: string): BatchBackend<Item>;

/** How a text's vector comes from those of its tokens. */
declare type Pooling = 'mean' | 'cls' | 'last';

/** A text, or a pair, as the model reads it. */
declare interface TokenRow {
    readonly ids: Int32Array;
    /** Which part each token belongs to; absent: all to the first. */
    readonly types?: Uint8Array;
}

export { }

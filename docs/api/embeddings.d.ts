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
import { ZodNever } from 'zod';
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

/** The engine plugin `embeddings`: embeddings or rerank by an ONNX model in threads of the engine's process, or by a server elsewhere. */
declare const _default: Plugin<"engine", ZodDiscriminatedUnion<[ZodObject<    {
server: ZodDefault<ZodOptional<ZodLiteral<"none">>>;
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
url: ZodOptional<ZodNever>;
}, $strict>, ZodObject<    {
server: ZodEnum<    {
huggingface: "huggingface";
infinity: "infinity";
tei: "tei";
}>;
url: ZodPipe<ZodURL, ZodTransform<string, string>>;
source: ZodOptional<ZodNever>;
task: ZodDefault<ZodEnum<    {
embeddings: "embeddings";
rerank: "rerank";
}>>;
model: ZodOptional<ZodString>;
batch: ZodOptional<ZodInt>;
apiKey: ZodOptional<ZodPipe<ZodString, ZodTransform<Secret, string>>>;
headers: ZodOptional<ZodRecord<ZodString, ZodPipe<ZodString, ZodTransform<Secret, string>>>>;
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
}, $strict>], "server">>;
export default _default;

/** Options of the engine, as written in the config. */
export declare type EmbeddingsOptions = z.input<typeof options>;

/** Options of the engine. */
declare const options: z.ZodDiscriminatedUnion<[z.ZodObject<{
    server: z.ZodDefault<z.ZodOptional<z.ZodLiteral<"none">>>;
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
    url: z.ZodOptional<z.ZodNever>;
}, z.core.$strict>, z.ZodObject<{
    server: z.ZodEnum<{
        huggingface: "huggingface";
        infinity: "infinity";
        tei: "tei";
    }>;
    url: z.ZodPipe<z.ZodURL, z.ZodTransform<string, string>>;
    source: z.ZodOptional<z.ZodNever>;
    task: z.ZodDefault<z.ZodEnum<{
        embeddings: "embeddings";
        rerank: "rerank";
    }>>;
    model: z.ZodOptional<z.ZodString>;
    batch: z.ZodOptional<z.ZodInt>;
    apiKey: z.ZodOptional<z.ZodPipe<z.ZodString, z.ZodTransform<Secret, string>>>;
    headers: z.ZodOptional<z.ZodRecord<z.ZodString, z.ZodPipe<z.ZodString, z.ZodTransform<Secret, string>>>>;
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
}, z.core.$strict>], "server">;

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

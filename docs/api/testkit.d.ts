// dist/index.d.ts
import type { Balancer } from '@smmf/core';
import type { Call } from '@smmf/core';
import type { Candidate } from '@smmf/core';
import type { Clock } from '@smmf/core';
import { EngineContext } from '@smmf/core';
import type { InstanceRecord } from '@smmf/protocol';
import type { PickInfo } from '@smmf/core';
import { PluginContext } from '@smmf/core';
import type { Registry } from '@smmf/core';
import type { RegistryEntry } from '@smmf/core';
import type { Worker } from '@smmf/core';

/** The rules of a balancer; {@link balancerSuite} runs them all. */
export declare const balancerRules: readonly Rule<Create>[];

/** Runs the contract of a balancer: one test for each rule, and one that fails when a rule was left out. */
export declare function balancerSuite({ test, create }: BalancerSuiteOptions): void;

/** What {@link balancerSuite} needs. */
export declare interface BalancerSuiteOptions {
    readonly test: RegisterTest;
    /** Makes a fresh balancer for each rule. */
    readonly create: () => Balancer | Promise<Balancer>;
}

declare type Create = () => Balancer | Promise<Balancer>;

/** A fake clock at 0; its wall clock starts at `wallMs`, default 2026-01-01. */
export declare function createFakeClock(wallMs?: number): FakeClock;

/** Starts a fake engine that answers as `models`; default one model `fake`. */
export declare function createFakeEngine({ models, contextLength, }?: {
    readonly models?: readonly string[];
    /** Told in the list of models, tokens. */
    readonly contextLength?: number;
}): Promise<FakeEngine>;

/** Starts a server with a table of answers. */
export declare function createFixedServer(first: FixedRoutes): Promise<FixedServer>;

/** The rules of an engine; {@link engineSuite} runs them all. */
export declare const engineRules: readonly Rule<EngineSubject>[];

/** An engine under test. */
export declare interface EngineSubject {
    /** Makes a ready worker; called for each rule, closed after it. */
    create(): Promise<Worker>;
    /** The model that requests name; default the first of the worker's cards. */
    readonly model?: string;
    /** Longest time that one rule may take, milliseconds; default 30 000. */
    readonly limitMs?: number;
    /** How soon after an abort, or after `close()`, a stream must have ended, milliseconds; default 1000. */
    readonly abortLimitMs?: number;
}

/**
 * Runs the contract of an engine's worker: one test for each rule, and one that fails when a rule was left out. Typed
 * workers and those with an endpoint both fit; rules of a task that no model lists hold by themselves.
 */
export declare function engineSuite({ test, ...subject }: EngineSuiteOptions): void;

/** What {@link engineSuite} needs. */
export declare interface EngineSuiteOptions extends EngineSubject {
    readonly test: RegisterTest;
}

/** What the fake engine does with one request; absent fields mean "as a healthy engine would". */
export declare interface FakeAnswer {
    readonly status?: number;
    readonly headers?: Readonly<Record<string, string>>;
    /** Wait before the first byte, milliseconds. */
    readonly delayMs?: number;
    /** Wait between two writes, milliseconds. */
    readonly gapMs?: number;
    /** No status line and no headers: what follows comes at once. */
    readonly isHeadless?: boolean;
    /** What is written, piece by piece, as it is. */
    readonly pieces: readonly (string | Buffer)[];
    /** After the last piece: `end` (default) the answer, `reset` the connection, or `hang` without another byte. */
    readonly after?: 'end' | 'reset' | 'hang';
}

/** A clock that moves only when told to. */
export declare interface FakeClock extends Clock {
    /** Moves on by `ms`, running what falls due in order, each at its own time. */
    advance(ms: number): void;
    /** Timers that have not run. */
    readonly pending: number;
}

/** A scripted OpenAI engine on loopback. */
export declare interface FakeEngine {
    /** `http://127.0.0.1:PORT/v1` */
    readonly url: string;
    readonly port: number;
    /** Inference requests so far, in order of arrival. */
    readonly requests: readonly FakeRequest[];
    /** Requests being answered now. */
    readonly active: number;
    /** Answers that the other side broke off. */
    readonly aborted: number;
    /** Open connections. */
    readonly connections: number;
    /** How the next requests are answered; undefined brings back the healthy engine. */
    script(answer: ((request: FakeRequest, index: number) => FakeAnswer | undefined) | undefined): void;
    /** Closes the port and resets every connection, as a killed process does. */
    kill(): Promise<void>;
    /** Listens again on the same port. */
    revive(): Promise<void>;
    close(): Promise<void>;
}

/** A request as the fake engine received it. */
export declare interface FakeRequest {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string | string[] | undefined>>;
    readonly body: Buffer;
    /** The body parsed; undefined when it is no JSON. */
    readonly json: Readonly<Record<string, unknown>> | undefined;
}

/** What a {@link FixedServer} answers at one place. */
export declare interface FixedAnswer {
    /** Default 200. */
    readonly status?: number;
    /** Default JSON, for a text HTML. */
    readonly headers?: Readonly<Record<string, string>>;
    /** A text goes as it is, all else as JSON. */
    readonly body?: unknown;
    /** The connection is cut behind the body. */
    readonly isCut?: boolean;
}

/** Answers by method and path: `GET /health`; `*` for all others. Without that, others get 404. */
export declare type FixedRoutes = Readonly<Record<string, FixedAnswer | ((body: unknown) => FixedAnswer)>>;

/** A server on loopback whose answers stand in a table: the documented contract of a server that cannot run here. */
export declare interface FixedServer {
    /** `http://127.0.0.1:PORT` */
    readonly url: string;
    readonly port: number;
    /** `METHOD /path` of every request so far. */
    readonly requests: readonly string[];
    /** Bodies of the requests that had one, parsed. */
    readonly bodies: readonly unknown[];
    /** Other answers from now on. */
    answer(routes: FixedRoutes): void;
    close(): Promise<void>;
}

/** The backend of a registry that lives in this process alone: its clients share the one object. Closes it with the last of them. */
export declare function inProcessBackend(registry: Registry): RegistryBackend;

/**
 * The sixteen faults of Failover Bench, rebuilt. Each is asked for by a streamed chat whose last message is the beginning of an
 * answer.
 */
export declare const PROVIDER_FAULTS: readonly ProviderFault[];

/** One way in which a provider fails, played by a fake engine, and what a gateway should make of it. */
export declare interface ProviderFault {
    readonly name: string;
    /** What the provider does with its n-th request, counted from 0; undefined: as a healthy one. */
    readonly primary: (request: FakeRequest, n: number) => FakeAnswer | undefined;
    /** What the fallback does; default healthy. */
    readonly fallback?: (request: FakeRequest) => FakeAnswer | undefined;
    /** The code of the refusal that is the right answer; default: a whole answer is. */
    readonly refusal?: string;
    /** Requests, one after another; default 1. */
    readonly requests?: number;
}

/**
 * Registers one test in the caller's runner: vitest's `test` and `it`, and `node:test`'s `test`, all fit. `limitMs` is for
 * runners with a limit of their own: the rule has failed with a clear text before it is over.
 */
export declare type RegisterTest = (name: string, run: () => Promise<void>, limitMs: number) => unknown;

/** The data behind a registry plugin, as a server holds them, with what a test can do to it. */
export declare interface RegistryBackend {
    /** Another client of the same data; who asks for it closes it. */
    client(): Promise<Registry>;
    /** A text in place of a fault says why it cannot be done to this backend: its rules then print that and check nothing. */
    readonly faults: {
        readonly [Fault in keyof RegistryFaults]: RegistryFaults[Fault] | string;
    };
    /** Ends the backend and what is left of its clients. */
    close(): Promise<void>;
}

/** What can happen to a backend or to a client of it. */
export declare interface RegistryFaults {
    /** Ends a client as SIGKILL ends its process: nothing of it reaches the backend from now on. */
    kill(client: Registry): Promise<void>;
    /** Loses all data, as a wiped disk does; clients stay. */
    wipe(): Promise<void>;
    /** The backend answers nothing; returns what lets it go on. */
    pause(): Promise<() => Promise<void>>;
    /** The next call of a client that writes takes effect, and its answer never comes. */
    loseAnswer(client: Registry): Promise<void>;
}

/** The rules of a registry; {@link registrySuite} runs them all. */
export declare const registryRules: readonly Rule<RegistrySubject>[];

/** A registry under test, and how time passes for it. */
export declare interface RegistrySubject {
    /** A fresh, empty backend; called for each rule. */
    create(): Promise<RegistryBackend>;
    /** Lets `ms` pass: a fake clock's `advance`, or a real wait. */
    advance(ms: number): Promise<void>;
    /** Length of the leases in the suite, milliseconds. */
    readonly ttlMs: number;
}

/** Runs the contract of a registry: one test for each rule, and one that fails when a rule was left out. */
export declare function registrySuite({ test, ...subject }: RegistrySuiteOptions): void;

/** What {@link registrySuite} needs. */
export declare interface RegistrySuiteOptions extends RegistrySubject {
    readonly test: RegisterTest;
}

/** One rule of a contract: a sentence, and a check that rejects when a subject breaks it. */
export declare interface Rule<Subject> {
    readonly name: string;
    readonly check: (subject: Subject) => Promise<void>;
}

/** The pieces of a healthy streamed chat that says `words`, in each of `choices` choices (default 1), one after the other. */
export declare function streamPieces(model: string, words: readonly string[], includeUsage: boolean, finish?: string, choices?: number): string[];

/** A call for tests: ten seconds, never aborted unless `signal` says so. */
export declare function testCall(signal?: AbortSignal): Call;

/** A candidate that cannot be changed. */
export declare function testCandidate(id: string, more?: Partial<Candidate>): Candidate;

/** The context that a plugin's `create` is given, for tests: silent, real time, never aborted. */
export declare function testContext(more?: Partial<PluginContext>): PluginContext;

/** The same for an engine plugin: the model is called `model`; model files are local paths. */
export declare function testEngineContext(more?: Partial<EngineContext>): EngineContext;

/** An entry for tests; its value is text that a careless backend would change. */
export declare function testEntry(id: string, more?: Partial<RegistryEntry>): RegistryEntry;

/** What a router tells a balancer; chance comes from a generator that always begins alike. */
export declare function testPickInfo(): PickInfo;

/** The record of a ready instance, for tests. */
export declare function testRecord(id: string, more?: Partial<InstanceRecord>): InstanceRecord;

export { }

// dist/demo/demo-backend.d.ts
import { SyncBackend } from '@smmf/core';

/** Options of the demo backend, as its plugin parses them. */
export declare interface DemoBackendOptions {
    /** How long it computes for each word, keeping its thread busy; milliseconds. */
    readonly tokenMs: number;
    /** Length of its vectors. */
    readonly dimensions: number;
    /** Fails while it loads, with this text. */
    readonly failInLoad?: string | undefined;
}

/** Loads the backend: chat and completions word by word, embeddings and rerank in one go; all of it deterministic. */
export declare function load(options: DemoBackendOptions, model: string): SyncBackend;

export { }

// dist/demo/demo-engine.d.ts
import { Plugin } from '@smmf/core';
import { Secret } from '@smmf/core';
import * as z from 'zod';

/** The engine plugin `demo`: echoes the prompt word by word in a process of its own, with faults on demand. */
declare const _default: Plugin<"engine", z.ZodObject<{
tokenMs: z.ZodDefault<z.ZodNumber>;
slots: z.ZodOptional<z.ZodNumber>;
source: z.ZodOptional<z.ZodUnion<readonly [z.ZodUnion<readonly [z.ZodString, z.ZodObject<{
url: z.ZodString;
sha256: z.ZodOptional<z.ZodString>;
}, z.core.$strict>]>, z.ZodArray<z.ZodUnion<readonly [z.ZodString, z.ZodObject<{
url: z.ZodString;
sha256: z.ZodOptional<z.ZodString>;
}, z.core.$strict>]>>]>>;
startMs: z.ZodDefault<z.ZodNumber>;
hangInStart: z.ZodDefault<z.ZodBoolean>;
failInStart: z.ZodOptional<z.ZodEnum<{
ABORTED: "ABORTED";
CLOSED: "CLOSED";
CONFIG_INVALID: "CONFIG_INVALID";
CONFLICT: "CONFLICT";
CONTENT_FILTER: "CONTENT_FILTER";
CONTEXT_LENGTH_EXCEEDED: "CONTEXT_LENGTH_EXCEEDED";
CREDENTIALS_UNUSABLE: "CREDENTIALS_UNUSABLE";
DUPLICATE_SERVICE: "DUPLICATE_SERVICE";
ENGINE_CREDENTIALS: "ENGINE_CREDENTIALS";
ENGINE_FAILED: "ENGINE_FAILED";
ENGINE_OVERLOADED: "ENGINE_OVERLOADED";
ENGINE_START_FAILED: "ENGINE_START_FAILED";
ENGINE_TRUNCATED: "ENGINE_TRUNCATED";
ENGINE_UNREACHABLE: "ENGINE_UNREACHABLE";
INTERNAL: "INTERNAL";
INVALID_API_KEY: "INVALID_API_KEY";
INVALID_JSON: "INVALID_JSON";
INVALID_REQUEST: "INVALID_REQUEST";
INVALID_VALUE: "INVALID_VALUE";
LEASE_LOST: "LEASE_LOST";
METHOD_NOT_ALLOWED: "METHOD_NOT_ALLOWED";
MISSING_REQUIRED_PARAMETER: "MISSING_REQUIRED_PARAMETER";
MODEL_LOAD_FAILED: "MODEL_LOAD_FAILED";
MODEL_NOT_FOUND: "MODEL_NOT_FOUND";
MODEL_UNAVAILABLE: "MODEL_UNAVAILABLE";
NOT_FOUND: "NOT_FOUND";
OVERLOADED: "OVERLOADED";
PERMISSION_DENIED: "PERMISSION_DENIED";
PLUGIN_INVALID: "PLUGIN_INVALID";
PLUGIN_NOT_FOUND: "PLUGIN_NOT_FOUND";
PORT_IN_USE: "PORT_IN_USE";
RATE_LIMIT_EXCEEDED: "RATE_LIMIT_EXCEEDED";
REGISTRY_UNAVAILABLE: "REGISTRY_UNAVAILABLE";
REQUEST_TIMEOUT: "REQUEST_TIMEOUT";
REQUEST_TOO_LARGE: "REQUEST_TOO_LARGE";
SERVER_SHUTTING_DOWN: "SERVER_SHUTTING_DOWN";
SERVICE_CYCLE: "SERVICE_CYCLE";
SERVICE_MISSING: "SERVICE_MISSING";
SOURCE_CORRUPT: "SOURCE_CORRUPT";
SOURCE_UNAVAILABLE: "SOURCE_UNAVAILABLE";
TASK_NOT_SUPPORTED: "TASK_NOT_SUPPORTED";
TIMEOUT: "TIMEOUT";
UNREACHABLE: "UNREACHABLE";
UNSUPPORTED_MEDIA_TYPE: "UNSUPPORTED_MEDIA_TYPE";
UNSUPPORTED_PARAMETER: "UNSUPPORTED_PARAMETER";
}>>;
exitInStart: z.ZodOptional<z.ZodNumber>;
crashOn: z.ZodOptional<z.ZodString>;
blockOn: z.ZodOptional<z.ZodString>;
throwOn: z.ZodOptional<z.ZodString>;
helper: z.ZodDefault<z.ZodBoolean>;
secret: z.ZodOptional<z.ZodPipe<z.ZodString, z.ZodTransform<Secret, string>>>;
}, z.core.$strict>>;
export default _default;

export { }

// dist/demo/demo-sync.d.ts
import { Plugin } from '@smmf/core';
import * as z from 'zod';

/** The engine plugin `demo-sync`: a synchronous backend, which its host runs in threads. */
declare const _default: Plugin<"engine", z.ZodObject<{
tokenMs: z.ZodDefault<z.ZodNumber>;
dimensions: z.ZodDefault<z.ZodNumber>;
failInLoad: z.ZodOptional<z.ZodString>;
}, z.core.$strict>>;
export default _default;

export { }

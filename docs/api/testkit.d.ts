// dist/index.d.ts
import type { Balancer } from '@smmf/core';
import type { Call } from '@smmf/core';
import type { Candidate } from '@smmf/core';
import type { Clock } from '@smmf/core';
import { EngineContext } from '@smmf/core';
import type { InstanceRecord } from '@smmf/protocol';
import type { PickInfo } from '@smmf/core';
import { PluginContext } from '@smmf/core';
import { Registry } from '@smmf/core';
import type { RegistryCapabilities } from '@smmf/core';
import { RegistryContext } from '@smmf/core';
import type { RegistryEntry } from '@smmf/core';
import { Snapshot } from '@smmf/core';
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

/** One of them. */
export declare type ContractRule = keyof typeof REGISTRY_CONTRACT;

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
 * workers and those with an endpoint both fit; a rule of a task that no model lists prints that nothing was checked.
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

/**
 * The first of `count` ports in a row (default 1) that nothing listens at on 127.0.0.1 at this moment, between 25,000 and 32,000.
 * Where the search begins is chance, so that tests at one time seldom find the same.
 * @throws Error where there are none
 */
export declare function freePorts(count?: number): Promise<number>;

/**
 * The backend of a registry that lives in this process alone: its clients share the one object. Closes it with the last of them.
 */
export declare function inProcessBackend(registry: Registry, { again, size }?: InProcessOptions): RegistryBackend;

/** What {@link inProcessBackend} can be told beside the registry. */
export declare interface InProcessOptions {
    /** Makes another empty registry of the same kind: with it the data can be lost (`wipe`), and there are namespaces. */
    readonly again?: () => Registry | Promise<Registry>;
    /** How much the registry holds now: entries, timers (such as a fake clock's `pending`). */
    readonly size?: () => number;
}

/** Rules that may not concern a registry, by what its capabilities and its backend say; no other one may be left unchecked. */
export declare const OPTIONAL_RULES: readonly ContractRule[];

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

/** The rules that every registry is held to, as the table of `docs/registries.md` names them. */
export declare const REGISTRY_CONTRACT: {
    readonly C1: 'an entry of 8 KiB with any letters comes back byte for byte, until it is released';
    readonly C2: 'a lease that nobody renews ends within its time and the grain';
    readonly C3: 'a lease that is renewed lives, ten times its length';
    readonly C4: 'the entry of a killed process ends with its lease';
    readonly C5: 'a renewal after the end says `lost`; registering again works';
    readonly C6: 'a lower epoch cannot renew, write or release';
    readonly C7: 'a watcher sees a change within a second of it';
    readonly C8: 'a watch goes on after its connections were cut, without loss';
    readonly C9: 'a backend that is killed and started again with its data loses nothing alive';
    readonly C10: 'after a restart without data every member is back within a heartbeat and 2 s';
    readonly C11: 'a silent backend costs no error, no work, and is followed again afterwards';
    readonly C12: 'a resume point that the backend has forgotten ends in a whole list, not in silence';
    readonly C13: '1,000 entries: a list within 1 s, 1,000 changes to a watcher within 5 s';
    readonly C14: 'two namespaces never mix';
    readonly C15: 'wrong credentials are a clear error, without a storm of attempts';
    readonly C16: 'foreign, broken and oversize entries are left out and counted';
    readonly C17: "a member's clock that is off by an hour has no effect";
    readonly C18: '`close()` leaves no timer, socket, thread or process';
    readonly C19: 'registering and releasing leaves nothing behind in the backend';
    readonly C20: 'at most one leader of an epoch';
};

/** The data behind a registry plugin, as a server holds them, with what a test can do to it. */
export declare interface RegistryBackend {
    /** Another client of the same data, or of another namespace on the same backend; who asks for it closes it. */
    client(namespace?: string): Promise<Registry>;
    /**
     * A text in place of a fault says why it cannot be done to this backend: its rules then check nothing, and the suite's last test
     * prints that, as it does for one that is left out.
     */
    readonly faults: {
        readonly [Fault in keyof RegistryFaults]: RegistryFaults[Fault] | string;
    };
    /** Says why the backend has one namespace only; `client` is asked for no other one then. */
    readonly oneNamespace?: string;
    /** How much the backend holds now: keys, rows, timers. It is compared with itself only. */
    size?(): Promise<number>;
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
    /** Cuts every connection of a client, as a TCP reset does; it may connect again at once. */
    reset?(client: Registry): Promise<void>;
    /** Kills the backend and starts it again with its data; resolves once it answers. For registries that are `persistent`. */
    restart?(): Promise<void>;
    /**
     * Cuts a client off, lets `meanwhile` happen without it, makes the backend forget all that a client could resume from, and lets
     * the client connect again.
     */
    compact?(client: Registry, meanwhile: () => Promise<void>): Promise<void>;
    /** A client with wrong credentials. For registries whose backend knows who asks (`auth`). */
    stranger?(): Promise<RegistryStranger>;
}

/** What the suite measures on its way. */
export declare type RegistryMeasure = {
    readonly what: 'capabilities';
    readonly capabilities: RegistryCapabilities;
} | {
    readonly what: 'expiry';
    readonly ttlMs: number;
    readonly grainMs: number;
    /** Leases that were watched. */
    readonly leases: number;
    /** Age at which the first and the last of them was first seen missing, milliseconds, read every `stepMs`. */
    readonly earliestMs: number;
    readonly latestMs: number;
    readonly stepMs: number;
    /** False where time is a clock that the test moves. */
    readonly isRealTime: boolean;
}
/** The longest time from a change to the watcher's call, milliseconds. */
| {
    readonly what: 'notice';
    readonly latestMs: number;
    readonly isRealTime: boolean;
};

/** What became of a run of a suite over one backend; JSON. */
export declare interface RegistryReport {
    /** `registry` for the contract; others for suites with rules of their own. */
    readonly suite: string;
    /** What the backend is called in the table. */
    readonly backend: string;
    /** What stood behind it, such as `etcd 3.4.23`. */
    readonly version?: string;
    /** Day of the run, `2026-01-31`, and the version of Node. */
    readonly date: string;
    readonly node: string;
    readonly rules: readonly {
        readonly name: string;
        readonly contract: readonly ContractRule[];
        readonly verdict: RegistryVerdict;
    }[];
    readonly measures: readonly RegistryMeasure[];
}

/** A rule of a registry. */
export declare interface RegistryRule extends Rule<RegistrySubject> {
    /** The rules of the contract that it holds a part of; none for what goes beyond them. */
    readonly contract: readonly ContractRule[];
}

/** Makes a rule for one client, or for a backend with as many as it asks for. */
export declare function registryRule(contract: readonly ContractRule[], name: string, work: Work): RegistryRule;

/** The rules of a registry; {@link registrySuite} runs them all. */
export declare const registryRules: readonly RegistryRule[];

/** A client with wrong credentials. */
export declare interface RegistryStranger {
    readonly client: Registry;
    /** How often it has asked to be let in so far: connections or requests that the backend, or a proxy before it, has counted. */
    attempts(): Promise<number>;
}

/** A registry under test, and how time passes for it. */
export declare interface RegistrySubject {
    /** A fresh, empty backend; called for each rule. */
    create(): Promise<RegistryBackend>;
    /** Lets `ms` pass: a fake clock's `advance`, or a real wait. */
    advance(ms: number): Promise<void>;
    /** Length of the leases in the suite, milliseconds. */
    readonly ttlMs: number;
    /** Longest time that one rule may take, milliseconds; default 60 000, and never under 15 leases. */
    readonly limitMs?: number;
    /** How often a lease is taken and released when the suite looks for what is left behind; default 1 000. */
    readonly cycles?: number;
    /** Hears what the suite measures. */
    onMeasure?(measure: RegistryMeasure): void;
}

/** Runs the contract of a registry: one test for each rule, and one that fails when a rule was left out. */
export declare function registrySuite(options: RegistrySuiteOptions): void;

/** What {@link registrySuite} needs. */
export declare interface RegistrySuiteOptions extends RegistrySubject {
    readonly test: RegisterTest;
    /** Other rules over the same kind of backend; default {@link registryRules}. */
    readonly rules?: readonly RegistryRule[];
    /** What the suite with these rules is called; default `registry`. */
    readonly suite?: string;
    /**
     * What the backend is called in the table of `docs/registries.md`. With a name and the environment variable
     * `SMMF_REGISTRY_REPORT` the suite's last test writes its report into the folder that the variable names.
     */
    readonly name?: string;
    /** What stands behind it in that table, such as `etcd 3.4.23`; asked for at the end. */
    readonly version?: string | (() => string | undefined);
    /** Is given the report in the suite's last test; what it throws fails that test. */
    report?(report: RegistryReport): void;
}

/** What became of one rule: `pass (reader)` where each reader drops the lower epoch, the reason where it does not concern the backend. */
export declare type RegistryVerdict = 'pass' | 'pass (reader)' | 'fail' | `n/a: ${string}`;

/**
 * One rule of a contract: a sentence, and a check that rejects when a subject breaks it. It resolves with the reason where it
 * does not concern the subject, and nothing was checked.
 */
export declare interface Rule<Subject> {
    readonly name: string;
    readonly check: (subject: Subject) => Promise<string | undefined>;
}

/** Time as it passes for a subject from now on: what its clock was moved by, or what has really passed where that is more. */
export declare class Stopwatch {
    #private;
    constructor(subject: RegistrySubject);
    /** Milliseconds since it was made. */
    get ms(): number;
    /** Whether the time that passes is the machine's. */
    get isRealTime(): boolean;
    advance(ms: number): Promise<void>;
    /** Lets time pass until `isSo` holds; fails with `what` where it does not before the stopwatch shows `limitMs`. */
    until(limitMs: number, what: () => string, isSo: () => boolean | Promise<boolean>): Promise<void>;
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

/** The same for a registry plugin: the namespace is `test`. */
export declare function testRegistryContext(more?: Partial<RegistryContext>): RegistryContext;

/**
 * The rules that a run left unchecked and may not, each with the reason: all but those of {@link OPTIONAL_RULES} that a capability,
 * or for C12 the backend's own text, takes away. A test of a backend holds that there is none.
 */
export declare function uncheckedOf({ rules }: RegistryReport): string[];

/** What a watcher was told. */
export declare class Watched {
    #private;
    readonly seen: Snapshot[];
    readonly stop: () => void;
    constructor(registry: Registry, subject: RegistrySubject);
    get last(): Snapshot | undefined;
    /** Waits until the last snapshot shows exactly these ids, or is so; resolves with how long that took, milliseconds. */
    shows(expected: readonly string[] | ((last: Snapshot) => boolean), limitMs?: number): Promise<number>;
}

/** Resolves with the reason where the rule does not concern the backend. */
declare type Work = (registry: Registry, subject: RegistrySubject, backend: RegistryBackend) => Promise<string | undefined>;

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
ADVERTISE_LOOPBACK: "ADVERTISE_LOOPBACK";
CLOSED: "CLOSED";
CONFIG_INVALID: "CONFIG_INVALID";
CONFLICT: "CONFLICT";
CONTENT_FILTER: "CONTENT_FILTER";
CONTEXT_LENGTH_EXCEEDED: "CONTEXT_LENGTH_EXCEEDED";
CREDENTIALS_UNUSABLE: "CREDENTIALS_UNUSABLE";
DUPLICATE_INSTANCE_ID: "DUPLICATE_INSTANCE_ID";
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
RECORD_TOO_LARGE: "RECORD_TOO_LARGE";
RECORD_UNSIGNED: "RECORD_UNSIGNED";
REGISTRY_AUTH: "REGISTRY_AUTH";
REGISTRY_UNAVAILABLE: "REGISTRY_UNAVAILABLE";
REQUEST_TIMEOUT: "REQUEST_TIMEOUT";
REQUEST_TOO_LARGE: "REQUEST_TOO_LARGE";
SECRET_MISSING: "SECRET_MISSING";
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

import {
  type Dialer,
  type Endpoint,
  type EngineContext,
  isSecret,
  type Secret,
  type TaskMap,
  type Worker,
} from '@smmf/core';
import type { Health, LoadSample, ModelCard, ModelList, TaskId } from '@smmf/protocol';
import { createSmallClient, type SmallClient } from './http-json.ts';
import { type ProbeResult, type ProbeTarget, probeEndpoint } from './probe-endpoint.ts';

/** What an engine says of itself beside its list of models. */
export interface Inspection {
  /** Why it cannot serve although it answers; absent: it can. */
  readonly reason?: string;
  /** What an operator should know although it is ready; goes before what the list of models has shown. */
  readonly note?: string;
  /** Tokens of prompt and answer together. */
  readonly contextLength?: number;
}

/** How an OpenAI server is reached and what it serves. */
export interface OpenAiWorkerOptions {
  /** Origin and base path with the version: `http://gpu1:8000/v1`. */
  readonly url: string;
  readonly socketPath?: string;
  readonly headers?: Readonly<Record<string, string | Secret>>;
  /** The server's own name of the model; default the public id, or the only model that the server lists. */
  readonly servedModel?: string | undefined;
  /** What the model does; default chat and completions. */
  readonly tasks?: readonly TaskId[] | undefined;
  readonly paths?: Endpoint['paths'];
  readonly slots?: number | undefined;
  readonly connectTimeoutMs?: number;
  /** As {@link Endpoint.proxy}, for requests, probes and `load` alike. */
  readonly proxy?: Endpoint['proxy'];
  /** As {@link Endpoint.egress} and {@link Endpoint.tls}, for requests, probes and `load` alike. */
  readonly egress?: Endpoint['egress'];
  readonly tls?: Endpoint['tls'];
  readonly streamUsage?: boolean;
  /** As {@link Endpoint.profile}: how the server differs from OpenAI. */
  readonly profile?: Endpoint['profile'];
  /** As {@link Endpoint.lanes}: several keys of one vendor. */
  readonly lanes?: Endpoint['lanes'];
  /** Base of what the server has beside the API, such as `/metrics`; default the origin of `url`. */
  readonly root?: string;
  /** How often, and within which limit, the server is asked whether it is there; default as the host does. */
  readonly probe?: Worker['probe'];
  /**
   * Asked with each probe, beside the list of models and within the same limit; gets a client whose base is `root`. What it throws
   * counts as nothing said.
   */
  readonly inspect?: (root: SmallClient, signal: AbortSignal) => Promise<Inspection>;
  /** What to do when the server does not list the model, in words for an operator. */
  readonly missingModel?: string;
  /**
   * The server refuses every name that it does not list: what answers without listing the model is another server, and gets no
   * prompt. Default false: lists are not kept well, and only one that named the model before tells who answers.
   */
  readonly refusesUnlisted?: boolean;
  /** Opens the connections of probes and of `load`; default one that goes straight to the server. */
  readonly dialer?: Dialer | undefined;
  /** Operations that the worker handles itself, in place of its endpoint. */
  readonly handlers?: TaskMap;
  /** A vendor: it is ready when a connection opens, whatever its list of models says. */
  readonly asVendor?: {
    /** Path of the list relative to `url`; false where there is none. */
    readonly listPath: string | false;
    /** What the probe shows beside `headers`. @throws for a key that cannot be used */
    readonly headers: () => Readonly<Record<string, string>>;
    /** Why no request could be sent yet. */
    readonly fault: () => Promise<string | undefined>;
  };
  /** Asks the engine for its load; gets a client whose base is `root`. */
  readonly load?: (root: SmallClient, signal: AbortSignal) => Promise<LoadSample>;
}

const headersOf = (headers: OpenAiWorkerOptions['headers']): Record<string, string> => {
  const entries = Object.entries(headers ?? {});
  return Object.fromEntries(entries.map(([name, value]) => [name, isSecret(value) ? value.reveal() : value]));
};

/** Without a prototype: a model may be called `constructor`. */
function namesOf(model: string, served: string | undefined): Readonly<Record<string, string>> {
  return Object.assign(Object.create(null) as Record<string, string>, served === undefined ? {} : { [model]: served });
}

/** The limit of a probe where the options name none, milliseconds. */
const PROBE_MS = 1_000;

/** A probe as a host takes it: any answer means that the server is there, unless it says itself that it cannot serve. */
function healthOf(
  { state, reason, note: listed, models }: ProbeResult,
  own: Inspection,
  { missingModel: remedy, refusesUnlisted = false }: OpenAiWorkerOptions,
): Health {
  if (state === 'ready') {
    if (own.reason !== undefined) return { live: true, ready: false, reason: own.reason };
    const isUnlisted = listed !== undefined && models !== undefined;
    const shown = isUnlisted && remedy !== undefined ? `${listed}; ${remedy}` : listed;
    const notes = [own.note, shown].filter((note) => note !== undefined);
    const note = notes.length === 0 ? {} : { note: notes.join('; ') };
    return { live: true, ready: true, ...note, ...(isUnlisted && !refusesUnlisted ? { isUnlisted } : {}) };
  }
  const why = reason === undefined ? {} : { reason };
  return state === 'down'
    ? { live: false, ready: false, ...why }
    : { live: true, ready: false, isUndecided: true, ...why };
}

/** The endpoint as the router takes it; `names` may be learnt later. */
function endpointOf(options: OpenAiWorkerOptions, names: () => NonNullable<Endpoint['models']>): Endpoint {
  const { url, headers, paths, streamUsage, profile, lanes } = options;
  const { socketPath, connectTimeoutMs, proxy, egress, tls } = options;
  return {
    ...{ url, socketPath, connectTimeoutMs, proxy, egress, tls },
    ...(headers === undefined ? {} : { headers }),
    ...(paths === undefined ? {} : { paths }),
    ...(streamUsage === undefined ? {} : { streamUsage }),
    ...(profile === undefined ? {} : { profile }),
    ...(lanes === undefined ? {} : { lanes }),
    get models() {
      return names();
    },
  };
}

/**
 * A worker over any server that speaks OpenAI: the router sends bytes to its endpoint, the worker only looks after it.
 * Resolves also when the server is down; {@link Worker.health} then says so.
 */
export async function createOpenAiWorker(options: OpenAiWorkerOptions, context: EngineContext): Promise<Worker> {
  const { url, servedModel, tasks = ['chat', 'completions'], load } = options;
  const { socketPath, connectTimeoutMs, proxy, egress, tls } = options;
  const { dialer = context.dialer } = options;
  const way = { socketPath, connectTimeoutMs, proxy, egress, tls };
  const own = (): Record<string, string> => headersOf(options.headers);
  const root = createSmallClient({ url: options.root ?? new URL(url).origin, ...way, dialer, headers: own });
  let card: ModelCard = { id: context.model, tasks: [...tasks] };
  let names = namesOf(context.model, servedModel);
  let isClosed = false;
  const wanted = servedModel ?? context.model;
  const takesOnly = servedModel === undefined;
  const timeoutMs = options.probe?.timeoutMs ?? PROBE_MS;
  const target = { url, ...way, headers: options.headers, model: wanted, takesOnly, timeoutMs, dialer };
  const asked = (): ProbeTarget => {
    const { asVendor, headers } = options;
    if (!asVendor) return target;
    const { listPath: path } = asVendor;
    return { ...target, path, headers: { ...headers, ...asVendor.headers() }, isReadyOnceConnected: true };
  };
  const learn = (models: ModelList['data']): void => {
    const only = takesOnly && models.length === 1 ? models[0] : undefined;
    const found = models.find(({ id }) => id === wanted) ?? only;
    if (found) names = namesOf(context.model, found.id);
    if (found?.max_model_len) card = { ...card, contextLength: found.max_model_len };
  };
  const endpoint = endpointOf(options, () => names);
  const inspect = async (signal: AbortSignal): Promise<Inspection> => {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const own = (await options.inspect?.(root, limited).catch(() => undefined)) ?? {};
    if (own.contextLength !== undefined) card = { ...card, contextLength: own.contextLength };
    return own;
  };
  return {
    get models() {
      return [card];
    },
    ...(options.slots === undefined ? {} : { slots: options.slots }),
    ...(options.probe === undefined ? {} : { probe: options.probe }),
    endpoint,
    tasks: options.handlers ?? {},
    async health(signal) {
      if (isClosed) return { live: false, ready: false, reason: 'the worker is closed' };
      const fault = await options.asVendor?.fault();
      if (fault !== undefined) return { live: false, ready: false, reason: fault };
      const [found, own] = await Promise.all([probeEndpoint(asked(), signal), inspect(signal)]);
      if (found.models) learn(found.models);
      return healthOf(found, own, options);
    },
    ...(load ? { load: (signal: AbortSignal) => load(root, signal) } : {}),
    async close() {
      isClosed = true;
      await root.close();
    },
  };
}

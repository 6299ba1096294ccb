import { type Endpoint, type EngineContext, Secret, type Worker } from '@smmf/core';
import { type Health, type LoadSample, type ModelCard, modelList, type TaskId } from '@smmf/protocol';
import { createSmallClient, type SmallClient } from './http-json.ts';

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
  readonly streamUsage?: boolean;
  /** Asks for the list of models; default `GET /models`. Rejects only when nothing answers. */
  readonly list?: (signal: AbortSignal) => Promise<{ readonly status: number; readonly json: unknown }>;
  /** Base of what the server has beside the API, such as `/metrics`; default the origin of `url`. */
  readonly root?: string;
  /** How often, and within which limit, the server is asked whether it is there; default as the host does. */
  readonly probe?: Worker['probe'];
  /** Asks the engine for its load; gets a client whose base is `root`. */
  readonly load?: (root: SmallClient, signal: AbortSignal) => Promise<LoadSample>;
}

const headersOf = (headers: OpenAiWorkerOptions['headers']): Record<string, string> => {
  const entries = Object.entries(headers ?? {});
  return Object.fromEntries(entries.map(([name, value]) => [name, value instanceof Secret ? value.reveal() : value]));
};

/** Without a prototype: a model may be called `constructor`. */
function namesOf(model: string, served: string | undefined): Readonly<Record<string, string>> {
  return Object.assign(Object.create(null) as Record<string, string>, served === undefined ? {} : { [model]: served });
}

interface Discovery {
  readonly health: Health;
  readonly served?: string;
  readonly contextLength?: number;
}

function judgeList(json: unknown, wanted: string | undefined, publicId: string): Discovery {
  const parsed = modelList.safeParse(json);
  if (!parsed.success)
    return { health: { live: true, ready: false, reason: 'GET /models answered no list of models' } };
  const { data } = parsed.data;
  const name = wanted ?? publicId;
  const found = data.find(({ id }) => id === name) ?? (wanted === undefined && data.length === 1 ? data[0] : undefined);
  if (!found) {
    const listed = data.slice(0, 10).map(({ id }) => id);
    return {
      health: {
        live: true,
        ready: false,
        reason: `the server does not list "${name}"; it lists ${listed.join(', ') || 'nothing'}`,
      },
    };
  }
  const length = found.max_model_len;
  return { health: { live: true, ready: true }, served: found.id, ...(length ? { contextLength: length } : {}) };
}

async function discover(
  list: NonNullable<OpenAiWorkerOptions['list']>,
  wanted: string | undefined,
  publicId: string,
  signal: AbortSignal,
): Promise<Discovery> {
  try {
    const { status, json } = await list(signal);
    if (status === 200) return judgeList(json, wanted, publicId);
    const what = status === 401 || status === 403 ? 'refuses the credentials' : 'does not list its models';
    return { health: { live: true, ready: false, reason: `the server ${what} (HTTP ${status})` } };
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    return { health: { live: false, ready: false, reason: `not reachable: ${cause}` } };
  }
}

/**
 * A worker over any server that speaks OpenAI: the router sends bytes to its endpoint, the worker only looks after it.
 * Resolves also when the server is down; {@link Worker.health} then says so.
 */
export async function createOpenAiWorker(options: OpenAiWorkerOptions, context: EngineContext): Promise<Worker> {
  const { url, socketPath, servedModel, tasks = ['chat', 'completions'], connectTimeoutMs, load } = options;
  const reach = {
    ...(socketPath === undefined ? {} : { socketPath }),
    ...(connectTimeoutMs === undefined ? {} : { connectTimeoutMs }),
    headers: () => headersOf(options.headers),
  };
  const api = createSmallClient({ url, ...reach });
  const list = options.list ?? ((signal: AbortSignal) => api.get('/models', signal));
  const root = createSmallClient({ url: options.root ?? new URL(url).origin, ...reach });
  let card: ModelCard = { id: context.model, tasks: [...tasks] };
  let names = namesOf(context.model, servedModel);
  let isClosed = false;
  const endpoint: Endpoint = {
    url,
    ...(socketPath === undefined ? {} : { socketPath }),
    ...(options.headers === undefined ? {} : { headers: options.headers }),
    ...(options.paths === undefined ? {} : { paths: options.paths }),
    ...(connectTimeoutMs === undefined ? {} : { connectTimeoutMs }),
    ...(options.streamUsage === undefined ? {} : { streamUsage: options.streamUsage }),
    get models() {
      return names;
    },
  };
  return {
    get models() {
      return [card];
    },
    ...(options.slots === undefined ? {} : { slots: options.slots }),
    ...(options.probe === undefined ? {} : { probe: options.probe }),
    endpoint,
    tasks: {},
    async health(signal) {
      if (isClosed) return { live: false, ready: false, reason: 'the worker is closed' };
      const found = await discover(list, servedModel, context.model, signal);
      if (found.served !== undefined) names = namesOf(context.model, found.served);
      if (found.contextLength !== undefined) card = { ...card, contextLength: found.contextLength };
      return found.health;
    },
    ...(load ? { load: (signal: AbortSignal) => load(root, signal) } : {}),
    async close() {
      isClosed = true;
      await Promise.all([api.close(), root.close()]);
    },
  };
}

import OpenAI from 'openai';
import type { Dialect, ErrorRow, Json, RequestRow } from './dialect.ts';
import { chatBody, type Gateway, named, openGateway, post } from './gateway.ts';
import { type Reading, readReply } from './reading.ts';
import type { Recorded } from './scripted-vendor.ts';
import { readStream } from './stream-reading.ts';

/** One vendor behind SMMF, and the ways to ask it. */
export interface Bench {
  readonly dialect: Dialect;
  readonly gateway: Gateway;
  /** OpenAI's own client, pointed at SMMF. */
  readonly client: OpenAI;
  /** A chat that is not streamed, and one that is. */
  ask(scenario: string, more?: Json, model?: string): Promise<Reading>;
  askStream(scenario: string, more?: Json, model?: string): Promise<Reading>;
  /** What the vendor got last. */
  arrived(): Recorded;
  close(): Promise<void>;
}

/** Limits that end a silent or stalling vendor. */
const BRIEF = { queue: '20ms', firstToken: '150ms', interToken: '150ms', total: '15s' };

/** The model for one error: what an error says of a key or a model stays with it. */
export const errorModel = ({ name }: ErrorRow): string => `error-${name.replaceAll(/[^a-z0-9]+/g, '-')}`;

/** The model that a request of that row goes to. */
export function modelOfRow({ model }: RequestRow, isStrict = false): string {
  const name = isStrict ? 'strict' : 'chat';
  return model === undefined ? name : `${name}-${model}`;
}

/** The models of rows that name one. */
function modelsOfRows(dialect: Dialect): readonly (readonly [string, Json])[] {
  const rows = dialect.requests.filter(({ model }) => model !== undefined);
  return [false, true].flatMap((isStrict) =>
    rows.map((row) => [modelOfRow(row, isStrict), { ...named(dialect, row.model), strict: isStrict }] as const),
  );
}

/** Does it change anything in a request that is told. */
export const adjusts = ({ requests }: Dialect): boolean => requests.some(({ adjusted = [] }) => adjusted.length > 0);

function modelsOf(dialect: Dialect): Readonly<Record<string, Json>> {
  const { models, embeddings, rerank, errors, auth } = dialect;
  const wrong = { apiKey: auth.kind === 'zhipu-jwt' ? 'other.key' : 'another-key' };
  return {
    chat: {},
    brief: { timeouts: BRIEF },
    ...(adjusts(dialect) ? { strict: { strict: true } } : {}),
    ...(auth.kind === 'none' || auth.kind === 'client-credentials' ? {} : { 'wrong-key': wrong }),
    ...(embeddings ? { embed: { ...named(dialect, models.embeddings), tasks: ['embeddings'] } } : {}),
    ...(rerank ? { rerank: { ...named(dialect, models.rerank), tasks: ['rerank'] } } : {}),
    ...Object.fromEntries(errors.map((row) => [errorModel(row), {}])),
    ...Object.fromEntries(modelsOfRows(dialect)),
  };
}

/** Starts a bench. */
export async function openBench(dialect: Dialect): Promise<Bench> {
  const gateway = await openGateway(dialect, modelsOf(dialect));
  const { url, vendor } = gateway;
  const send = (scenario: string, more: Json, model: string): Promise<Response> =>
    post(url, '/chat/completions', chatBody(model, scenario, more));
  return {
    dialect,
    gateway,
    client: new OpenAI({ baseURL: url, apiKey: 'none', maxRetries: 0 }),
    ask: async (scenario, more = {}, model = 'chat') => readReply(await send(scenario, more, model)),
    askStream: async (scenario, more = {}, model = 'chat') =>
      readStream(await send(scenario, { ...more, stream: true }, model), readReply),
    arrived() {
      const last = vendor.calls.at(-1);
      if (!last) throw new Error('the vendor got no request');
      return last;
    },
    close: () => gateway.close(),
  };
}

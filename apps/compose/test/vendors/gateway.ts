import { inspect } from 'node:util';
import { createSmmf, type Smmf } from 'smmf';
import type { Dialect, Json } from './dialect.ts';
import { createNameProxy } from './name-proxy.ts';
import { createScriptedVendor, type ScriptedVendor } from './scripted-vendor.ts';
import { pluginOf } from './vendor-list.ts';

/** SMMF over HTTP with one vendor behind it. */
export interface Gateway {
  readonly vendor: ScriptedVendor;
  readonly smmf: Smmf;
  /** Everything that was logged, at all levels. */
  readonly log: readonly string[];
  /** `http://127.0.0.1:PORT/v1` */
  readonly url: string;
  close(): Promise<void>;
}

/** How models differ beyond what all of a vendor's share. */
export type Models = Readonly<Record<string, Json>>;

/** Long enough for a busy machine, and no waiting for a vendor that failed: one attempt a request. */
const TIMEOUTS = { queue: '20ms', firstToken: '10s', interToken: '10s', total: '15s' };

/** The option that names a model to the server. */
export const named = ({ nameOption = 'model' }: Dialect, model: string | undefined): Json =>
  nameOption === 'none' ? {} : { [nameOption]: model };

/** The origin that SMMF is told. */
const toldOrigin = ({ host }: Dialect, origin: string): string =>
  host === undefined ? origin : `http://${host}:${new URL(origin).port}`;

/** One model of the vendor, as an operator would write it, but for the address. */
export function modelOf(dialect: Dialect, origin: string, more: Json = {}): Json {
  return {
    engine: pluginOf(dialect),
    url: toldOrigin(dialect, origin) + dialect.base,
    ...named(dialect, dialect.models.chat),
    ...(dialect.auth.kind === 'none' || dialect.auth.kind === 'client-credentials' ? {} : { apiKey: dialect.key }),
    ...dialect.options?.(origin),
    timeouts: TIMEOUTS,
    ...more,
  };
}

/** A logger that keeps what it is told: errors of vendors are what these tests are about, and nobody need read of them. */
function keepingLogger(log: string[]) {
  const keep = (...told: unknown[]): void => void log.push(told.map((one) => inspect(one, { depth: 9 })).join(' '));
  const levels = { fatal: keep, error: keep, warn: keep, info: keep, debug: keep, trace: keep };
  const logger = {
    ...levels,
    child(fields: object) {
      keep(fields);
      return logger;
    },
  };
  return logger;
}

/** What differs from a vendor that is simply there. */
export interface Surroundings {
  /** What the proxy says to each CONNECT in place of a way, for a dialect with a `host`. */
  readonly proxyRefuses?: string;
  /** What the vendor answers from the start on, in place of what its dialect says. */
  readonly script?: Parameters<ScriptedVendor['script']>[0];
  /** Some instance will not be ready. */
  readonly isUnready?: boolean;
}

/** Starts the scripted vendor and SMMF before it, with these models. */
export async function openGateway(dialect: Dialect, models: Models, around: Surroundings = {}): Promise<Gateway> {
  const vendor = await createScriptedVendor(dialect);
  vendor.script(around.script);
  const proxy = dialect.host === undefined ? undefined : await createNameProxy(around.proxyRefuses);
  const made = Object.entries(models).map(([name, more]) => [name, modelOf(dialect, vendor.origin, more)] as const);
  const config = { version: 1, server: { port: 0 }, admin: { port: 0 }, models: Object.fromEntries(made) };
  const log: string[] = [];
  const smmf = await createSmmf(config as Parameters<typeof createSmmf>[0], { logger: keepingLogger(log) });
  if (!around.isUnready) await smmf.ready();
  const { server } = await smmf.listen();
  return {
    vendor,
    smmf,
    log,
    url: `${server.url}/v1`,
    async close() {
      await smmf.close(100);
      await proxy?.close();
      await vendor.close();
    },
  };
}

/** Sends a request as raw HTTP. */
export function post(url: string, path: string, body: Json): Promise<Response> {
  return fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(20_000),
  });
}

/** The body of a chat that asks for a scenario. */
export const chatBody = (model: string, scenario: string, more: Json = {}): Json => ({
  model,
  messages: [{ role: 'user', content: `Hello. scenario: ${scenario}` }],
  ...more,
});

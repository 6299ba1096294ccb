import { createSmmf } from 'smmf';
import type { Dialect, Json } from './dialect.ts';
import { createScriptedVendor, type ScriptedVendor } from './scripted-vendor.ts';
import { pluginOf } from './vendor-list.ts';

/** SMMF over HTTP with one vendor behind it. */
export interface Gateway {
  readonly vendor: ScriptedVendor;
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

/** One model of the vendor, as an operator would write it, but for the address. */
export function modelOf(dialect: Dialect, origin: string, more: Json = {}): Json {
  return {
    engine: pluginOf(dialect),
    url: origin + dialect.base,
    ...named(dialect, dialect.models.chat),
    ...(dialect.auth.kind === 'none' || dialect.auth.kind === 'client-credentials' ? {} : { apiKey: dialect.key }),
    ...dialect.options?.(origin),
    timeouts: TIMEOUTS,
    ...more,
  };
}

const nothing = (): void => undefined;
const levels = { fatal: nothing, error: nothing, warn: nothing, info: nothing, debug: nothing, trace: nothing };
/** Errors of vendors are what these tests are about: nobody need read of them. */
const logger = { ...levels, child: () => logger };

/** Starts the scripted vendor and SMMF before it, with these models. */
export async function openGateway(dialect: Dialect, models: Models): Promise<Gateway> {
  const vendor = await createScriptedVendor(dialect);
  const made = Object.entries(models).map(([name, more]) => [name, modelOf(dialect, vendor.origin, more)] as const);
  const config = { version: 1, server: { port: 0 }, admin: { port: 0 }, models: Object.fromEntries(made) };
  const smmf = await createSmmf(config as Parameters<typeof createSmmf>[0], { logger });
  await smmf.ready();
  const { server } = await smmf.listen();
  return {
    vendor,
    url: `${server.url}/v1`,
    async close() {
      await smmf.close(100);
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

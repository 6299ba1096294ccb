import { type AdminClient, createSmallClient, type SmallClient } from '@smmf/client';
import { adminAddress, adminOf, apiAddress, apiKeyOf, type ConnectionOptions } from '../connection.ts';
import { formatSince } from '../human.ts';
import { endWithReader, type OutputOptions, oneLine, plainText, tableLines } from '../output.ts';
import {
  type ModelRow,
  readStatus,
  SAMPLE_MS,
  type Sample,
  type ServerStatus,
  takeSample,
  twoSamples,
} from '../server-status.ts';
import { watchScreen } from '../watch-screen.ts';

/** Flags of `smmf status`. */
export interface StatusOptions extends ConnectionOptions, OutputOptions {
  readonly adminUrl?: string | undefined;
  readonly adminKey?: string | undefined;
  readonly watch?: boolean | undefined;
}

interface Addresses {
  readonly api: string;
  readonly admin: string;
}

interface Clients extends Addresses {
  readonly counters: SmallClient;
  readonly control: AdminClient;
}

async function clientsOf(options: StatusOptions): Promise<Clients> {
  const { config, adminUrl, adminKey } = options;
  const toAdmin = { config, url: adminUrl, key: adminKey };
  const [api, admin] = [await apiAddress(options), await adminAddress(toAdmin)];
  const key = apiKeyOf(options);
  const headers = (): Record<string, string> => (key ? { authorization: `Bearer ${key.reveal()}` } : {});
  return { api, admin, counters: createSmallClient({ url: api, headers }), control: await adminOf(toAdmin) };
}

const rate = (value: number | undefined): string =>
  value === undefined ? '' : value > 0 && value < 10 ? value.toFixed(1) : String(Math.round(value));

function modelLines(models: readonly ModelRow[]): string[] {
  return tableLines(
    models.map((model) => ({
      model: plainText(model.id),
      state: model.instances > 1 ? `${model.state} ${model.ready}/${model.instances}` : model.state,
      running: model.running ?? '',
      waiting: model.waiting ?? '',
      requests: model.requests ?? '',
      'tokens/s': rate(model.tokensPerSecond),
      'per stream': rate(model.tokensPerSecondPerStream),
    })),
  );
}

function instanceLines({ instances }: ServerStatus): string[] {
  return tableLines(
    instances.map((view) => ({
      instance: view.id,
      engine: view.engine,
      state: view.administrative === 'online' ? view.state : `${view.state} (${view.administrative})`,
      for: formatSince(view.sinceMs).padEnd(6),
      crashes: view.crashes ?? '',
      reason: oneLine(view.reason),
    })),
  );
}

function screenOf(status: ServerStatus, { api, admin }: Addresses): string[] {
  const up = status.startedAtMs === undefined ? '' : `, up ${formatSince(status.startedAtMs)}`;
  const hasCounts = status.models.some(({ requests }) => requests !== undefined);
  const note =
    hasCounts || status.models.length === 0 ? [] : ['(no counts: /metrics wants a key with the scope metrics: --key)'];
  return [
    `OpenAI API ${api}/v1, admin API ${admin}${up}`,
    '',
    ...modelLines(status.models),
    ...note,
    '',
    ...instanceLines(status),
  ];
}

/** Over how many samples a rate is taken while it is watched. */
const WINDOW = 10;

/** Draws again and again until Ctrl-C; rates begin anew with a server that had gone. */
function watch(clients: Clients, options: StatusOptions): Promise<void> {
  const samples: Sample[] = [];
  const look = async (): Promise<readonly string[]> => {
    const last = await takeSample(clients.counters);
    samples.push(last);
    if (samples.length > WINDOW) samples.shift();
    const status = await readStatus(clients.control, samples[0] ?? last, last).catch((error: unknown) => {
      samples.length = 0;
      throw error;
    });
    return options.json ? [JSON.stringify(status)] : screenOf(status, clients);
  };
  return watchScreen({ everyMs: SAMPLE_MS, json: options.json === true, look });
}

async function withClients(options: StatusOptions, work: (clients: Clients) => Promise<void>): Promise<void> {
  endWithReader();
  const clients = await clientsOf(options);
  try {
    await work(clients);
  } finally {
    await Promise.all([clients.counters.close(), clients.control.close()]);
  }
}

/** `smmf status`: what runs, where, and how busy it is. */
export function showStatus(options: StatusOptions): Promise<void> {
  return withClients(options, async (clients) => {
    if (options.watch) {
      await watch(clients, options);
      return;
    }
    const { api, admin } = clients;
    const status = await readStatus(clients.control, ...(await twoSamples(clients.counters)));
    if (options.json) console.log(JSON.stringify({ api: `${api}/v1`, admin, ...status }, null, 2));
    else console.log(screenOf(status, clients).join('\n'));
  });
}

/** `smmf ps`: the models that run. */
export function listRunning(options: StatusOptions): Promise<void> {
  return withClients(options, async ({ counters, control }) => {
    const sample = await takeSample(counters);
    const { models } = await readStatus(control, sample, sample);
    const running = models.filter(({ ready }) => ready > 0);
    if (options.json) {
      console.log(JSON.stringify(running, null, 2));
      return;
    }
    const rows = running.map((model) => ({
      name: plainText(model.id),
      engine: model.engines.join(','),
      instances: model.ready,
      requests: model.running ?? '',
      since: formatSince(model.sinceMs),
    }));
    console.log(rows.length === 0 ? 'no model runs' : tableLines(rows).join('\n'));
  });
}

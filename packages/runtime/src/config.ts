import { isIP } from 'node:net';
import { isSmmfError, option } from '@smmf/core';
import { corsOrigin, DEFAULT_HTTP_LIMITS, isAddressRange, SCOPES } from '@smmf/server';
import * as z from 'zod';

const port = z.int().min(0).max(65_535);
const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:@/-]{0,127}$/, 'a name of letters, digits and . _ : @ / -, at most 128 long');
const host = z.string().refine((text) => isIP(text) !== 0 || /^\w(?:[\w.-]*[\w.])?$/.test(text), {
  error: 'an address such as 127.0.0.1, 0.0.0.0 or ::1, or a host name; without http:// and without a port',
});
const keyScopes = SCOPES.filter((scope) => scope !== 'public' && scope !== 'join');

const key = z.union([
  option.secret(),
  z.strictObject({
    key: option.secret().describe('The bearer key, best as a reference to the environment or to a file'),
    name: z.string().optional().describe('Shown in the log in place of the key'),
    scopes: z.array(z.enum(keyScopes)).min(1).optional().describe('What it may be used for'),
    models: z.array(z.string()).min(1).optional().describe('Models that it may use and see; default all'),
  }),
]);

const tls = z.strictObject({
  certFile: z.string().describe('Certificate chain, PEM'),
  keyFile: z.string().describe('Private key, PEM'),
  caFile: z
    .string()
    .optional()
    .describe('Authorities of callers, PEM: nobody without a certificate of theirs is let in'),
});

const origin = z.url({ protocol: /^https?$/, error: 'a URL such as http://controller:8000' });
const advertise = origin
  .optional()
  .describe(
    'URL at which other machines reach it; without a port, the one that it has (the address on the way to the controller)',
  );
const labels = z.record(z.string().max(63), z.string().max(256)).default({});

const portRange = z
  .string()
  .regex(/^\d{1,5}-\d{1,5}$/, 'a range such as 8001-8100')
  .transform((text) => {
    const [first = 0, last = 0] = text.split('-').map(Number);
    return { first, last };
  })
  .refine(({ first, last }) => first > 0 && first <= last && last <= 65_535, 'a range such as 8001-8100');

const isCorsOrigin = (context: z.core.ParsePayload<string>): void => {
  try {
    corsOrigin(context.value);
  } catch (error) {
    context.issues.push({
      code: 'custom',
      input: context.value,
      message: isSmmfError(error) ? error.message : String(error),
    });
  }
};

const server = z.strictObject({
  host: host.default('127.0.0.1').describe('Address to listen on; beyond loopback keys are needed'),
  port: port.default(8100).describe('Port of the OpenAI API; 0 takes a free one'),
  keys: z.array(key).default([]).describe('Bearer keys of callers'),
  allowOpen: z.boolean().default(false).describe('Listen beyond loopback without keys: anyone can use the server'),
  tls: tls.optional().describe('Serve HTTPS'),
  advertise,
  cors: z
    .array(z.string().check(isCorsOrigin))
    .default([])
    .describe('Origins whose web pages, apps (`app://obsidian.md`) and browser extensions may call; default none'),
  trustedProxies: z
    .array(z.string().refine(isAddressRange, 'an IP address, or a range such as 10.0.0.0/8'))
    .default([])
    .describe('Proxies whose X-Forwarded-For tells the address of the caller to the log and to connectionsPerAddress'),
  bodyLimit: option.size().prefault('32MiB').describe('Largest request body'),
  bodyMemory: option
    .size()
    .optional()
    .describe('What the bodies of all requests may take together (a quarter of the memory of container or machine)'),
  connectionsPerAddress: z
    .int()
    .positive()
    .optional()
    .describe(
      'Open connections from one IP address, or requests at once of one behind a trusted proxy; default no limit',
    ),
  maxConnections: z.int().positive().default(DEFAULT_HTTP_LIMITS.maxConnections).describe('Open connections in all'),
  processes: z
    .int()
    .min(1)
    .max(64)
    .default(1)
    .describe('Processes that share the port: one uses about one core; limits of connections and memory are for each'),
  drain: option.duration().prefault('30s').describe('How long requests in flight may go on when the server stops'),
  grace: option
    .duration()
    .prefault('0s')
    .describe(
      'How long new requests are still taken when it stops, so that load balancers learn of it from /readyz first',
    ),
});

const admin = z.strictObject({
  host: host.default('127.0.0.1').describe('Address of the admin API; beyond loopback keys are needed'),
  port: port.default(8010).describe('Port of the admin API; 0 takes a free one'),
  keys: z.array(key).default([]).describe('Bearer keys of operators'),
  hosts: z
    .array(z.string().regex(/^[A-Za-z0-9._-]{1,253}$/, 'a host name, without scheme and port'))
    .default([])
    .describe('Names under which it may be called beside those of this machine, while it listens on loopback'),
  tls: tls.optional().describe('Serve HTTPS'),
});

const namespace = z.string().regex(/^[A-Za-z0-9._-]{1,63}$/, 'up to 63 letters, digits, dots, dashes and underscores');

const cluster = z.strictObject({
  namespace: namespace
    .default('default')
    .describe('Name of the cluster; members of another one understand nothing of each other'),
  secrets: z
    .array(option.secret())
    .min(1)
    .max(2)
    .optional()
    .describe(
      'What the members share, at least 16 random bytes; the current one, then the one before while it is being changed',
    ),
  allowPlain: z
    .boolean()
    .default(false)
    .describe('Let members listen beyond loopback without TLS; told at every start and by `smmf cluster status`'),
});

const controller = z.strictObject({
  id: namespace.optional().describe('Name of this controller (the name of the machine, with the port)'),
  host: host.default('127.0.0.1').describe('Address at which members of the cluster call'),
  port: port.default(8000).describe('Port of the registry and the feeds'),
  advertise,
  tls: tls.optional().describe('Serve HTTPS'),
  primary: origin
    .optional()
    .describe('The controller that owns the models; this one tells the same, and has no `models` of its own'),
});

const workerHost = z.strictObject({
  id: namespace.optional().describe('Name of this worker host (the name of the machine)'),
  host: host.default('127.0.0.1').describe('Address at which API servers reach the engines'),
  ports: portRange.prefault('8001-8100').describe('Ports of the host and of its engines, one each'),
  advertise,
  tls: tls.optional().describe('Serve HTTPS'),
  labels: labels.describe('What `on` of a model may ask for'),
});

const networks = z.array(z.string().refine(isAddressRange, 'an IP address, or a range such as 10.0.0.0/8')).default([]);

const egress = z.strictObject({
  allow: networks.describe('Networks or addresses that may be reached although the rule refuses them'),
  deny: networks.describe('Networks or addresses that are never reached, whatever `allow` says'),
});

const timeouts = z.strictObject({
  queue: option.duration().optional().describe('Longest wait for a slot (30s)'),
  firstToken: option.duration().optional().describe('Until the first content of a stream (60s)'),
  interToken: option.duration().optional().describe('Between two pieces of a stream (30s)'),
  total: option.duration().optional().describe('Whole request, retries and waiting included (600s)'),
});

const retry = z.strictObject({
  waitAtMost: option
    .duration()
    .prefault('5s')
    .describe('Longest Retry-After of an engine that is waited for before a fallback answers'),
});

const plugin = z.union([z.string().min(1), z.looseObject({ use: z.string().min(1) })]);

/** What a worker may say besides the options of its engine. */
export const workerFrame = {
  engine: z.string().min(1).describe('Engine plugin: a short name such as vllm, a package name, or a path'),
  replicas: z.int().min(1).max(64).default(1).describe('Instances to run'),
  slots: z.int().positive().optional().describe('Requests that one instance runs at once'),
  weight: z.number().positive().default(1).describe('Share of the work among the instances of a model'),
  order: z.int().min(0).default(0).describe('Instances of a higher order get work only while no lower one can take it'),
  labels: z.record(z.string(), z.string()).default({}).describe('Free labels, shown with the instance'),
  on: z.record(z.string(), z.string()).optional().describe('Labels that a worker host must carry to run it'),
};

/** What a model may say besides. */
export const modelFrame = {
  aliases: z.array(name).default([]).describe('Other names under which callers reach the model'),
  balancer: plugin
    .default('least-outstanding')
    .describe('least-outstanding, power-of-two, round-robin, random, weighted, or a balancer plugin'),
  fallbacks: z.array(z.string()).default([]).describe('Models to ask, in order, when this one cannot answer'),
  timeouts: timeouts.prefault({}).describe('Time limits of its requests'),
  retry: retry.prefault({}).describe('Further tries before the first byte'),
};

const worker = z.looseObject(workerFrame);
/** One model, options of its engine aside. */
export const modelSchema = z.looseObject({
  ...modelFrame,
  ...workerFrame,
  engine: workerFrame.engine.optional(),
  workers: z.array(worker).min(1).optional().describe('Several upstreams of one model, in place of `engine`'),
});

/** The whole config, options of plugins aside: those are checked by each plugin's own schema. */
export const configSchema = z.strictObject({
  $schema: z.string().optional().describe('Completion and checks in editors: the file that `smmf schema` writes'),
  version: z.literal(1, 'set version: 1, the only version there is').describe('Version of the config format'),
  server: server.prefault({}).describe('The OpenAI API'),
  admin: admin.prefault({}).describe('The admin API, on a listener of its own'),
  cluster: cluster.prefault({}).describe('What the members of a cluster share'),
  controller: controller.prefault({}).describe('`smmf start controller`: where members call'),
  worker: workerHost.prefault({}).describe('`smmf start worker`: where its engines are reached'),
  join: z
    .union([origin, z.array(origin).min(1)])
    .optional()
    .describe('Controllers of the cluster; as `--join`'),
  log: z
    .strictObject({
      level: z
        .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
        .default('info')
        .describe('Quietest level'),
      format: z
        .enum(['auto', 'pretty', 'json'])
        .default('auto')
        .describe('auto: pretty on a terminal, else JSON lines'),
    })
    .prefault({})
    .describe('The log, on standard error'),
  registry: plugin.default('memory').describe('memory, or a registry plugin'),
  egress: egress.prefault({}).describe('Which addresses requests, probes, plugins and model sources may reach'),
  ca: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .optional()
    .describe('PEM files of further certificate authorities, beside those of Node'),
  cacheDir: z.string().optional().describe('Where fetched model files are kept'),
  stateDir: z
    .string()
    .optional()
    .describe('Where counters that must outlive a restart are kept (the state folder of the user)'),
  modelRoots: z.array(z.string()).optional().describe('Local model files must lie under one of these folders'),
  models: z.record(name, modelSchema).default({}).describe('The public models by id'),
});

/** A config as it is written. */
export type Config = z.input<typeof configSchema>;
/** A config with every default in place. */
export type ParsedConfig = z.output<typeof configSchema>;

/** Gives a config its type in `smmf.config.ts`; returns it as it is. */
export function defineConfig(config: Config): Config {
  return config;
}

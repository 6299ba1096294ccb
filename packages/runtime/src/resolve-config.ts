import { resolve } from 'node:path';
import { SmmfError } from '@smmf/core';
import type { ModelSpec } from '@smmf/protocol';
import type { KeyRing, TlsFiles } from '@smmf/server';
import * as z from 'zod';
import { checkCluster, type Roles } from './check-cluster.ts';
import { checkListener, checkTls } from './check-listener.ts';
import { configSchema, modelSchema, type ParsedConfig } from './config.ts';
import { FaultList } from './faults.ts';
import { configKeys } from './known-keys.ts';
import { readAuthorities } from './read-authorities.ts';
import type { RawConfig } from './read-config.ts';
import { expandReferences } from './references.ts';
import { ModelResolver, type ResolvedBalancer, type ResolvedWorker } from './resolve-models.ts';
import { type ResolvedRegistry, resolveRegistry } from './resolve-registry.ts';
import { parseTyped } from './typed-references.ts';

/** A config that has passed every check. */
export interface ResolvedConfig {
  /** The paths of certificates are absolute. */
  readonly config: ParsedConfig;
  readonly baseDir: string;
  readonly serverKeys: KeyRing;
  readonly adminKeys: KeyRing;
  /** What {@link ParsedConfig} names as `ca`: each authority's certificate as a PEM text. */
  readonly authorities: readonly string[];
  readonly models: readonly ModelSpec[];
  readonly workers: readonly ResolvedWorker[];
  /** By model, for balancers that are plugins. */
  readonly balancers: ReadonlyMap<string, ResolvedBalancer>;
  /** Absent for the built-in one. */
  readonly registry: ResolvedRegistry | undefined;
}

const looseConfig = z.looseObject({ models: z.record(z.string(), z.unknown()).catch({}) }).catch({ models: {} });

/** The sections of a config that are sound, also beside others that are not: all faults come at once. */
function readable(value: unknown) {
  const { server, admin, registry, ca, models } = looseConfig.parse(value);
  const sound = Object.entries(models).flatMap(([id, entry]) => {
    const { data } = modelSchema.safeParse(entry);
    return data ? [{ id, model: data, written: Object.keys(Object(entry)) }] : [];
  });
  return {
    server: configSchema.shape.server.safeParse(server).data,
    admin: configSchema.shape.admin.safeParse(admin).data,
    registry: configSchema.shape.registry.safeParse(registry).data,
    ca: configSchema.shape.ca.safeParse(ca).data,
    models: sound,
    /** Of faulty models too. */
    ids: Object.keys(models),
  };
}

/** All names of models; undefined while a model's aliases are unknown. */
function namesOf({ models, ids }: ReturnType<typeof readable>): ReadonlySet<string> | undefined {
  if (models.length < ids.length) return undefined;
  return new Set([...ids, ...models.flatMap(({ model }) => model.aliases)]);
}

/** The section with the files of its certificate looked for from the config's folder. */
function located<T extends { readonly tls?: TlsFiles | undefined }>(section: T, baseDir: string): T {
  if (section.tls === undefined) return section;
  const { certFile, keyFile, caFile } = section.tls;
  const ca = caFile === undefined ? {} : { caFile: resolve(baseDir, caFile) };
  const tls = { certFile: resolve(baseDir, certFile), keyFile: resolve(baseDir, keyFile), ...ca };
  return { ...section, tls };
}

/** The files of authorities, looked for from the config's folder. */
function locatedFiles(files: ParsedConfig['ca'], baseDir: string): ParsedConfig['ca'] {
  return Array.isArray(files) ? files.map((file) => resolve(baseDir, file)) : files && resolve(baseDir, files);
}

function checkPorts({ server, admin }: ReturnType<typeof readable>, faults: FaultList): void {
  if (!server || !admin || server.port === 0 || server.port !== admin.port) return;
  faults.add(['admin', 'port'], 'is the port of the server too; choose another');
}

/** What models need is looked up where they run. */
const lackingOf = (role: Roles) =>
  role === 'controller' ? { mayLack: ([section]: readonly PropertyKey[]) => section === 'models' } : {};

/** What {@link resolveConfig} may let pass. */
export interface ResolveOptions {
  /** What the config is for; default every role in one process. */
  readonly role?: Roles | undefined;
  /** Local model files that are not there are no fault while another model can be served: that of a start. Default false. */
  readonly mayLackFiles?: boolean;
}

/**
 * Checks a config whole: references, frame, plugins, their options, names, keys, certificates. Opens no port, starts nothing,
 * writes nothing.
 * @throws CONFIG_INVALID with every fault at once, each with its path and a remedy
 */
export async function resolveConfig(
  raw: RawConfig,
  env: Readonly<Record<string, string | undefined>> = process.env,
  { mayLackFiles = false, role = 'all' }: ResolveOptions = {},
): Promise<ResolvedConfig> {
  const { file, baseDir } = raw;
  const faults = new FaultList();
  const { value, references } = expandReferences(raw.value ?? {}, { env, baseDir, ...lackingOf(role) }, faults);
  const config = parseTyped(configSchema, value, [], references, faults, configKeys);
  const sections = readable(value);
  const names = namesOf(sections);
  const [serverKeys, adminKeys] = (['server', 'admin'] as const).map((name) => {
    const settings = sections[name];
    return settings && checkListener(name, located(settings, baseDir), names, faults);
  });
  checkPorts(sections, faults);
  const ca = locatedFiles(sections.ca, baseDir);
  const authorities = readAuthorities(ca, faults);
  const registry = await resolveRegistry(sections.registry ?? 'memory', raw, references, faults);
  checkCluster({ role, file, config, written: value }, faults);
  for (const section of ['controller', 'worker'] as const) {
    const { tls } = config ? located(config[section], baseDir) : {};
    if (tls && faults.isKnown([section, 'tls'])) checkTls(tls, section, faults);
  }
  const resolver = new ModelResolver(raw, references, faults);
  resolver.names(sections.models, sections.ids);
  const models: ModelSpec[] = [];
  for (const { id, model, written } of sections.models) models.push(await resolver.model(id, model, written));
  const lacking = new Set(resolver.missing.map(({ model }) => model));
  // A controller runs nothing itself: the hosts have the files, or say that they lack them.
  const isServed = role === 'controller' || (mayLackFiles && lacking.size < sections.ids.length);
  if (!isServed) for (const { path, message } of resolver.missing) faults.add(path, message);
  if (faults.size > 0 || !config || !serverKeys || !adminKeys) throw faults.asError(file);
  const { workers, balancers } = resolver;
  const placed = {
    ...config,
    ca,
    server: located(config.server, baseDir),
    admin: located(config.admin, baseDir),
    controller: located(config.controller, baseDir),
    worker: located(config.worker, baseDir),
  };
  return { config: placed, baseDir, serverKeys, adminKeys, authorities, models, workers, balancers, registry };
}

/**
 * The sections `server` and `admin` of a config, whatever its models and keys are like: where a running SMMF listens.
 * A section that is faulty is undefined.
 */
export function readListeners(
  { value: written, baseDir }: RawConfig,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Pick<ReturnType<typeof readable>, 'server' | 'admin'> {
  const faults = new FaultList();
  const { value, references } = expandReferences(written ?? {}, { env, baseDir }, faults);
  parseTyped(configSchema, value, [], references, faults, configKeys);
  return readable(value);
}

/** What a config says of where model files are kept and fetched. Paths are absolute. */
export interface StoreSettings {
  readonly cacheDir: ParsedConfig['cacheDir'];
  readonly egress: ParsedConfig['egress'] | undefined;
  readonly ca: ParsedConfig['ca'];
}

/** The same of a config whose models and keys may be anything; a key that is faulty is left out. */
export function readStoreSettings(
  { value: written, baseDir }: RawConfig,
  env: Readonly<Record<string, string | undefined>> = process.env,
): StoreSettings {
  const { value } = expandReferences(written ?? {}, { env, baseDir }, new FaultList());
  const given = Object(value) as Readonly<Record<string, unknown>>;
  const { cacheDir, egress, ca } = configSchema.shape;
  const folder = cacheDir.safeParse(given.cacheDir).data;
  return {
    cacheDir: folder && resolve(baseDir, folder),
    egress: egress.safeParse(given.egress).data,
    ca: locatedFiles(ca.safeParse(given.ca).data, baseDir),
  };
}

/** An object given in code, as {@link resolveConfig} takes it. @throws CONFIG_INVALID when it is no object */
export function rawFromObject(value: unknown, baseDir: string): RawConfig {
  if (typeof value !== 'object' || value === null)
    throw new SmmfError('CONFIG_INVALID', 'The config must be an object');
  return { value, file: 'the config', baseDir };
}

import { existsSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  configJsonSchema,
  configNotes,
  installedPlugins,
  KNOWN_PLUGINS,
  type KnownPlugin,
  probeUpstreams,
  readConfig,
  resolveConfig,
  SmmfError,
  type UpstreamReport,
} from '@smmf/runtime';
import { type OutputOptions, plainText, printRows } from '../output.ts';
import { configFile } from './start.ts';

/** Flags of `smmf check`. */
export interface CheckOptions extends OutputOptions {
  readonly config?: string | undefined;
  readonly online?: boolean | undefined;
}

const STATES = { ready: 'ready', down: 'not reachable', unknown: 'no answer' } as const;

function describeUpstream({ model, engine, url, route, state, reason, note }: UpstreamReport): string {
  const words = [STATES[state], reason ?? note].filter((part) => part !== undefined);
  const way = route === undefined || route === 'direct' ? '' : ` (${route})`;
  return plainText(
    `${model}: ${engine}${url === undefined ? '' : ` at ${url}${way}`}: ${words.join(state === 'ready' ? ', but ' : ': ')}`,
  ).replaceAll('\n', ' ');
}

/**
 * `smmf check`: everything that can be said about a config without starting anything; with `--online` also whether its
 * upstreams are there. Resolves with the exit code.
 */
export async function check(options: CheckOptions): Promise<number> {
  const file = configFile(options.config);
  const resolved = await resolveConfig(await readConfig(file));
  const upstreams = options.online ? await probeUpstreams(resolved) : undefined;
  const { models, workers } = resolved;
  const notes = configNotes(resolved);
  if (options.json) {
    const found = upstreams === undefined ? {} : { upstreams: upstreams.map(({ models: _, ...report }) => report) };
    console.log(JSON.stringify({ file, ok: true, models: models.map(({ id }) => id), notes, ...found }));
  } else {
    const instances = workers.reduce((sum, { replicas }) => sum + replicas, 0);
    console.log(`${file} is fine: ${models.length} model(s), ${instances} instance(s)`);
    for (const note of notes) console.log(`note: ${note}`);
    for (const upstream of upstreams ?? []) console.log(describeUpstream(upstream));
    if (upstreams?.length === 0) console.log('no model is served by an engine elsewhere: nothing to ask');
  }
  return upstreams?.some(({ state }) => state !== 'ready') ? 3 : 0;
}

/** `smmf schema`: the JSON Schema for editors. */
export async function schema(options: { readonly output?: string | undefined }): Promise<void> {
  const text = `${JSON.stringify(await configJsonSchema(process.cwd()), null, 2)}\n`;
  if (options.output === undefined) process.stdout.write(text);
  else writeFileSync(options.output, text);
}

const HEAD = `# SMMF serves the models below at one OpenAI endpoint. Check this file with "smmf check", run it with "smmf start".
# For completion in your editor: smmf schema -o smmf.schema.json, then
# $schema: ./smmf.schema.json
version: 1

server:
  # host: 0.0.0.0            # beyond this machine keys are needed
  port: 8100
  # keys: ["\${env:SMMF_KEY}"]

models:
`;

function modelLines(plugin: string, isCommented: boolean): string {
  const lines = [
    `  ${plugin === 'llamacpp' ? 'chat' : `my-${plugin}-model`}:`,
    ...(KNOWN_PLUGINS[plugin]?.example ?? []).map((line) => `    ${line}`),
  ];
  return lines.map((line) => (isCommented ? `  # ${line.slice(2)}` : line)).join('\n');
}

/** A cluster may keep its entries in a server of the company's. */
function registryLines(plugin: string): string {
  const lines = ['registry:', ...(KNOWN_PLUGINS[plugin]?.example ?? []).map((line) => `  ${line}`)];
  return lines.map((line) => `# ${line}`).join('\n');
}

/** `smmf init`: writes a commented config for the plugins that are installed here. */
export async function init(options: { readonly force?: boolean | undefined }): Promise<void> {
  const file = resolve('smmf.yaml');
  if (existsSync(file) && !options.force) {
    throw new SmmfError('CONFIG_INVALID', `${file} exists already; --force writes over it`);
  }
  const installed = await installedPlugins(process.cwd());
  const namesOf = (kind: KnownPlugin['kind']): readonly string[] =>
    Object.keys(KNOWN_PLUGINS).filter((name) => KNOWN_PLUGINS[name]?.kind === kind);
  const [first, ...others] = namesOf('engine').filter((name) => installed.has(name));
  if (first === undefined) {
    const hints = namesOf('engine').map((name) => `npm install ${KNOWN_PLUGINS[name]?.package}`);
    throw new SmmfError(
      'PLUGIN_NOT_FOUND',
      `No engine plugin is installed in this folder; run one of:\n  ${hints.join('\n  ')}`,
    );
  }
  const registries = namesOf('registry').filter((name) => installed.has(name));
  const models = [modelLines(first, false), ...others.map((name) => modelLines(name, true))];
  const blocks = [...models, ...registries.map(registryLines)];
  writeFileSync(file, `${HEAD}${blocks.join('\n\n')}\n`);
  console.log(`Wrote ${file}; "smmf start" runs it`);
}

/** `smmf plugin list`: our own plugins, and which of them are installed here. */
export async function listPlugins(options: { readonly json?: boolean | undefined }): Promise<void> {
  const installed = await installedPlugins(process.cwd());
  const rows = Object.entries(KNOWN_PLUGINS).map(([name, { package: pack, kind }]) => ({
    name,
    kind,
    package: pack,
    installed: installed.has(name) ? 'yes' : `no (npm install ${pack})`,
  }));
  printRows(rows, rows, options);
}

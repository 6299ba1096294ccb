import { existsSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { configJsonSchema, installedPlugins, KNOWN_PLUGINS, readConfig, resolveConfig, SmmfError } from '@smmf/runtime';
import { printRows } from '../output.ts';
import { configFile } from './start.ts';

/** `smmf check`: everything that can be said about a config without starting anything. */
export async function check(options: {
  readonly config?: string | undefined;
  readonly json?: boolean | undefined;
}): Promise<void> {
  const file = configFile(options.config);
  const { models, workers } = await resolveConfig(await readConfig(file));
  if (options.json) console.log(JSON.stringify({ file, ok: true, models: models.map(({ id }) => id) }));
  else
    console.log(
      `${file} is fine: ${models.length} model(s), ${workers.reduce((sum, { replicas }) => sum + replicas, 0)} instance(s)`,
    );
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

/** `smmf init`: writes a commented config for the plugins that are installed here. */
export async function init(options: { readonly force?: boolean | undefined }): Promise<void> {
  const file = resolve('smmf.yaml');
  if (existsSync(file) && !options.force) {
    throw new SmmfError('CONFIG_INVALID', `${file} exists already; --force writes over it`);
  }
  const installed = await installedPlugins(process.cwd());
  const names = Object.keys(KNOWN_PLUGINS);
  const first = names.find((name) => installed.has(name));
  if (first === undefined) {
    const hints = Object.values(KNOWN_PLUGINS).map((plugin) => `npm install ${plugin.package}`);
    throw new SmmfError(
      'PLUGIN_NOT_FOUND',
      `No engine plugin is installed in this folder; run one of:\n  ${hints.join('\n  ')}`,
    );
  }
  const blocks = names.filter((name) => installed.has(name)).map((name) => modelLines(name, name !== first));
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

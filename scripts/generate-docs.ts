// Writes what follows from the code: docs/config.md, docs/command.md, docs/metrics.md, the statuses in docs/errors.md, and the tables of options in plugins' READMEs.
//   --write   writes them; without it the script fails when one of them is stale
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { commandPage } from './command-page.ts';
import { modelLines, referenceLines, registryAndEgressLines } from './config-page-words.ts';
import { isMain, publicPackages, repositoryRoot } from './workspace.ts';

/** A JSON Schema, as far as the tables read it. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  /** A key that is refused, and stands there for its message alone. */
  readonly not?: object;
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const code = (value: unknown): string => `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;

/** The kind of a value in a few words: `text`, `number`, `one of …`, `list of …`. */
export function kindOf(schema: Schema): string {
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum) return schema.enum.map(code).join(', ');
  if (schema.anyOf) return [...new Set(schema.anyOf.map(kindOf))].filter((kind) => kind !== '`0`').join(' or ');
  if (schema.items) return `list of ${kindOf(schema.items)}`;
  const words: Readonly<Record<string, string>> = {
    string: 'text',
    integer: 'whole number',
    boolean: 'true or false',
    object: 'group',
  };
  return words[String(schema.type)] ?? String(schema.type ?? 'any');
}

/** One line of a table for each key. */
export function tableOf({ properties = {}, required = [] }: Schema): string {
  const taken = Object.entries(properties).filter(([, { not }]) => not === undefined);
  const rows = taken.map(([key, schema]) => {
    const byDefault = schema.default === undefined ? (required.includes(key) ? 'needed' : '') : code(schema.default);
    return `| \`${key}\` | ${cell(kindOf(schema))} | ${cell(byDefault)} | ${cell(schema.description ?? '')} |`;
  });
  return ['| key | value | default | |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

/** A table for an object; for several objects, told apart by the values of a key, a table for each of them. */
export function tablesOf(schema: Schema): string {
  if (!schema.oneOf) return tableOf(schema);
  const sections = schema.oneOf.map((one) => {
    const [name, { const: value, enum: values = [value], default: first } = {}] =
      Object.entries(one.properties ?? {}).find(([, key]) => key.const !== undefined || key.enum) ?? [];
    const byDefault = first === undefined ? '' : ', the default';
    const shown = values.map((each) => code(`${name}: ${String(each)}`)).join(', ');
    return `With ${shown}${byDefault}:\n\n${tableOf(one)}`;
  });
  return sections.join('\n\n');
}

const jsonSchema = (schema: z.ZodType): Schema =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Schema;

function source<Module>(path: string): Promise<Module> {
  return import(pathToFileURL(join(repositoryRoot, path)).href);
}

async function configPage(): Promise<string> {
  const { configSchema } = await source<{ configSchema: z.ZodType }>('packages/runtime/src/config.ts');
  const schema = jsonSchema(configSchema);
  const { properties = {} } = schema;
  const model = properties.models?.additionalProperties as Schema;
  const { properties: groups = {} } = model;
  const sections = ['server', 'admin', 'cluster', 'controller', 'worker', 'log'].map(
    (name) => `## \`${name}\`\n\n${tableOf(properties[name] ?? {})}`,
  );
  const keys = (properties.server?.properties?.keys?.items?.anyOf ?? []).find((one) => one.properties) ?? {};
  return [
    '# The config',
    '',
    'Made from the schema in `packages/runtime/src/config.ts` by `node scripts/generate-docs.ts --write`; a check holds it to the code.',
    '',
    'SMMF reads `smmf.yaml` (or `smmf.yml`, `smmf.json`, `smmf.config.ts`, `smmf.config.js`) of the folder it starts in, or the',
    'file after `-c`. Unknown keys are faults; all faults are reported at once, each with its path. `smmf check` checks without',
    'starting anything, and tells whatever in the config would make `smmf start` refuse. Durations and sizes carry units (`500ms`,',
    '`30s`, `4MiB`). Plugins and relative paths are looked for from the folder of the file.',
    '',
    'Completion in editors: `smmf schema -o smmf.schema.json`, then `# yaml-language-server: $schema=./smmf.schema.json`',
    'as the first line of the YAML, or a `$schema` key.',
    '',
    ...referenceLines,
    '',
    tableOf(schema),
    '',
    sections.join('\n\n'),
    '',
    ...registryAndEgressLines(tableOf(properties.egress ?? {})),
    '',
    '## Keys',
    '',
    'An entry of `server.keys` or `admin.keys` is a text, or:',
    '',
    tableOf(keys),
    '',
    '## `server.tls`, `admin.tls`, `controller.tls`, `worker.tls`',
    '',
    tableOf(properties.server?.properties?.tls ?? {}),
    '',
    '## `models.NAME`',
    '',
    'Beside these keys stand the options of the engine (see [plugins](plugins/README.md) and the README of each).',
    '',
    tableOf(model),
    '',
    'An entry of `workers` takes `engine`, `replicas`, `slots`, `weight`, `order`, `labels`, and the options of its engine.',
    '',
    ...modelLines({ timeouts: tableOf(groups.timeouts ?? {}), retry: tableOf(groups.retry ?? {}) }),
  ].join('\n');
}

interface MetricRow {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly labels: readonly string[];
}

async function metricsPage(): Promise<string> {
  const { METRICS } = await source<{ METRICS: Readonly<Record<string, MetricRow>> }>(
    'packages/server/src/metric-table.ts',
  );
  const rows = Object.values(METRICS).map(
    ({ name, type, help, labels }) => `| \`${name}\` | ${type} | ${labels.map(code).join(', ')} | ${cell(help)} |`,
  );
  return [
    '# Metrics',
    '',
    'Made from `packages/server/src/metric-table.ts` by `node scripts/generate-docs.ts --write`; a check holds it to the code.',
    '',
    '`GET /metrics` of the server answers in the text format of Prometheus. Where the server has keys it needs one with the scope',
    '`metrics`, from everybody: 401 without a key, 403 with a key of other scopes (a key without `scopes` has this one). A server without',
    'keys answers callers on the same machine, but nothing that a proxy hands on. Labels come from closed sets; requests for a model',
    'that is not configured count as `_unknown`, which no model can be called.',
    '',
    '| metric | type | labels | |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

interface StatusRow {
  readonly code: string;
  readonly blame: 'connection' | 'answer' | 'setup' | 'none';
}

const BLAMES: Readonly<Record<StatusRow['blame'], string>> = {
  connection: 'it is left alone at once',
  answer: 'it failed; five in a row, or more than half of the last 20 within 30 s, and it is left alone',
  setup: 'it has not what is asked for; nothing follows',
  none: 'nothing',
};
const ADVICE: Readonly<Record<string, string>> = { other: 'yes', same: 'no', never: 'no' };
const STATUS_MARK = /(<!-- statuses -->\n)[\s\S]*?(<!-- \/statuses -->)/;

/** docs/errors.md with its table of statuses brought up to date. */
async function errorsPage(): Promise<string> {
  const { ENGINE_STATUSES, rowOfStatus } = await source<{
    ENGINE_STATUSES: ReadonlyMap<number, StatusRow>;
    rowOfStatus: (status: number) => StatusRow;
  }>('packages/router/src/engine-status.ts');
  const { ERROR_CODES } = await source<{ ERROR_CODES: Readonly<Record<string, { status: number; retry: string }>> }>(
    'packages/protocol/src/error-codes.ts',
  );
  const others = [
    ['1xx to 3xx, but for a whole 200 or 201', rowOfStatus(302)],
    ['other 4xx', rowOfStatus(400)],
    ['other 5xx', rowOfStatus(500)],
  ] as const;
  const groups = new Map<string, { readonly row: StatusRow; readonly names: string[] }>();
  for (const [name, row] of [...ENGINE_STATUSES, ...others]) {
    const key = JSON.stringify(row);
    const group = groups.get(key) ?? { row, names: [] };
    group.names.push(String(name));
    groups.set(key, group);
  }
  const rows = [...groups.values()].map(({ row: { code: name, blame }, names }) => {
    const { status, retry } = ERROR_CODES[name] ?? { status: 0, retry: 'never' };
    return `| ${names.join(', ')} | \`${name}\` | ${status} | ${ADVICE[retry]} | ${BLAMES[blame]} |`;
  });
  const table = [
    '| status | code | HTTP to the client | tried elsewhere | the instance |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ];
  const text = readFileSync(join(repositoryRoot, 'docs/errors.md'), 'utf8');
  return text.replace(STATUS_MARK, `$1\n${table.join('\n')}\n\n$2`);
}

const MARK = /(<!-- options -->\n)[\s\S]*?(<!-- \/options -->)/;

/** The README of a plugin with its table of options brought up to date; undefined for a package without one. */
async function pluginReadme(folder: string): Promise<string | undefined> {
  const text = readFileSync(join(folder, 'README.md'), 'utf8');
  if (!MARK.test(text)) return undefined;
  const { default: plugin } = (await import(pathToFileURL(join(folder, 'src/index.ts')).href)) as {
    default: { readonly options: z.ZodType };
  };
  return text.replace(MARK, `$1\n${tablesOf(jsonSchema(plugin.options))}\n\n$2`);
}

async function pages(): Promise<Map<string, string>> {
  const found = new Map([
    [join(repositoryRoot, 'docs/config.md'), await configPage()],
    [join(repositoryRoot, 'docs/metrics.md'), await metricsPage()],
    [join(repositoryRoot, 'docs/errors.md'), await errorsPage()],
    [join(repositoryRoot, 'docs/command.md'), await commandPage()],
  ]);
  for (const { folder } of publicPackages(repositoryRoot)) {
    if (!folder.includes('/plugins/')) continue;
    const text = await pluginReadme(folder);
    if (text !== undefined) found.set(join(folder, 'README.md'), text);
  }
  return found;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

if (isMain(import.meta.url)) {
  const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } });
  for (const [file, text] of await pages()) {
    if (read(file) === text) continue;
    if (values.write) writeFileSync(file, text);
    else {
      console.error(`${file.slice(repositoryRoot.length + 1)} is stale: run node scripts/generate-docs.ts --write`);
      process.exitCode = 1;
    }
  }
}

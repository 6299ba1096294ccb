import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { AdminClient } from '@smmf/client';
import {
  findPlugin,
  formatBytes,
  isSmmfError,
  type ModelCache,
  type ModelFileFacts,
  openModelCache,
  SmmfError,
  sourceLabels,
} from '@smmf/runtime';
import { adminOf, type ConnectionOptions } from '../connection.ts';
import { formatCount, formatDuration } from '../human.ts';
import { findNamedModel, type NamedModel } from '../model-name.ts';
import { type OutputOptions, plainText } from '../output.ts';

type Instance = Awaited<ReturnType<AdminClient['instances']>>[number];
type Card = Instance['models'][number];

/** What is known of a file on this machine. */
interface FileFacts {
  readonly path: string;
  readonly sizeBytes: number;
  readonly source: string | undefined;
  readonly facts: ModelFileFacts | undefined;
  /** Why there are no facts. */
  readonly note: string | undefined;
}

type Fact = readonly [name: string, value: string | number | undefined];

function lines(facts: readonly Fact[]): string[] {
  const told = facts.filter(([, value]) => value !== undefined && value !== '');
  return told.map(([name, value]) => plainText(`${name.padEnd(16)}${value}`).replaceAll('\n', ' '));
}

async function describe(path: string): Promise<Pick<FileFacts, 'facts' | 'note'>> {
  if (!/\.gguf$/i.test(path)) return { facts: undefined, note: undefined };
  try {
    const { plugin } = await findPlugin('llamacpp', 'engine', process.cwd());
    return { facts: await plugin.describe?.(path), note: undefined };
  } catch (error) {
    if (!isSmmfError(error) || error.code !== 'PLUGIN_NOT_FOUND') throw error;
    return { facts: undefined, note: `no more is known: ${error.message}` };
  }
}

/** The file or folder that a model is made of; undefined where it is not here. */
async function fileOf(model: NamedModel, cache: ModelCache): Promise<FileFacts | undefined> {
  const stored = await cache.list();
  const labels = model.kind === 'stored' ? [] : model.source === undefined ? [] : sourceLabels(model.source);
  const found =
    model.kind === 'stored'
      ? model.stored
      : stored.find(({ source, isWhole }) => isWhole && source !== undefined && labels.includes(source));
  const local = labels.find((label) => !label.includes('://'));
  const path = found?.path ?? (local === undefined ? undefined : resolve(local));
  const stats = path === undefined ? undefined : await stat(path).catch(() => undefined);
  if (path === undefined || stats === undefined) return undefined;
  const sizeBytes = found?.sizeBytes ?? stats.size;
  return { path, sizeBytes, source: found?.source, ...(await describe(path)) };
}

function fileLines({ path, sizeBytes, source, facts, note }: FileFacts): string[] {
  const { parameters, contextLength, hasChatTemplate } = facts ?? {};
  return lines([
    ['name', facts?.name],
    ['format', facts?.format],
    ['architecture', facts?.architecture],
    ['parameters', parameters === undefined ? undefined : formatCount(parameters)],
    ['quantization', facts?.quantization],
    ['context length', contextLength === undefined ? undefined : `${contextLength} tokens`],
    ['chat template', hasChatTemplate === undefined ? undefined : hasChatTemplate ? 'yes' : 'no'],
    ['licence', facts?.license],
    ['size', formatBytes(sizeBytes)],
    ['source', source],
    ['path', path],
    ['note', note],
  ]);
}

function configLines(name: string, { path, source }: FileFacts): string[] {
  if (!/\.gguf$/i.test(path)) return [];
  const written = source === undefined || source.startsWith('https:') ? path : source;
  const model = [`  ${name}:`, '    engine: llamacpp', `    source: ${JSON.stringify(written)}`];
  return ['', 'In smmf.yaml:', 'models:', ...model];
}

/** What a running SMMF says of a model; undefined where none runs, or it does not serve it. */
async function servedBy(
  name: string,
  options: ConnectionOptions,
): Promise<{ readonly card: Card; readonly instances: readonly Instance[] } | undefined> {
  const admin = await adminOf(options);
  const all = await admin.instances().catch((error: unknown) => {
    if (isSmmfError(error) && error.code === 'UNREACHABLE' && options.url === undefined) return [];
    throw error;
  });
  await admin.close();
  const instances = all.filter(({ models }) => models.some(({ id }) => id === name));
  const card = instances.flatMap(({ models }) => models).find(({ id }) => id === name);
  return card && { card, instances };
}

function servedLines(card: Card, instances: readonly Instance[]): string[] {
  const states = instances.map((one): Fact => {
    const orders = one.administrative === 'online' ? '' : ` (${one.administrative})`;
    const since = one.sinceMs === undefined ? '' : ` for ${formatDuration(Date.now() - one.sinceMs)}`;
    const why = one.reason === undefined ? '' : `: ${one.reason}`;
    return [one.id, `${one.engine}, ${one.state}${orders}${since}${why}`];
  });
  return lines([
    ['model', card.id],
    ['tasks', card.tasks.join(', ')],
    ['context length', card.contextLength === undefined ? undefined : `${card.contextLength} tokens`],
    ['capabilities', card.capabilities?.join(', ')],
    ...states,
  ]);
}

/** `smmf show NAME`: a model that is served, a file, or one that was fetched. */
export async function show(text: string, options: ConnectionOptions & OutputOptions): Promise<void> {
  const served = await servedBy(text, options);
  const cache = await openModelCache(options.config);
  try {
    const model = await findNamedModel(text, cache, options.config).catch((error: unknown) => {
      if (served) return undefined;
      throw error;
    });
    const file = model && (await fileOf(model, cache));
    if (!served && !file)
      throw new SmmfError('MODEL_NOT_FOUND', `${text} is not on this machine; fetch it: smmf pull ${text}`);
    if (options.json) {
      console.log(JSON.stringify({ ...served, file }, null, 2));
      return;
    }
    if (served) console.log(servedLines(served.card, served.instances).join('\n'));
    if (served && file) console.log('');
    if (file) console.log(fileLines(file).join('\n'));
    if (file && model && model.kind !== 'config') console.log(configLines(model.name, file).join('\n'));
  } finally {
    await cache.close();
  }
}

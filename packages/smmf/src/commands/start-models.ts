import { createInterface } from 'node:readline/promises';
import { callerKeys, findConfig, type ModelCache, openModelCache, SmmfError } from '@smmf/runtime';
import { configOf, type EngineFlags, ggufsIn, prepareModel, type ServedModel } from '../model-config.ts';
import { serve } from '../serve.ts';
import { type StartOptions, start } from './start.ts';

/** Flags of `smmf start`, those for a start without a config included. */
export interface StartAnyOptions extends StartOptions, EngineFlags {
  /** `NAME=SOURCE`, or a source alone. */
  readonly model?: readonly string[] | undefined;
}

/** Serves these models until a signal; resolves with the exit code. */
export async function serveModels(models: readonly ServedModel[], options: StartOptions): Promise<number> {
  const { config, baseDir } = configOf(models);
  const { strict, verbose, host, port, adminPort } = options;
  const keys = callerKeys({ value: config, file: 'the config', baseDir });
  return serve(config, { strict, verbose, keys, baseDir, listenAt: { host, port, adminPort } });
}

async function prepare(written: string, cache: ModelCache, flags: EngineFlags): Promise<ServedModel> {
  const [, name, source = written] = /^([A-Za-z0-9][A-Za-z0-9._-]*)=(.+)$/s.exec(written) ?? [];
  const model = await prepareModel(source, cache, flags);
  return name === undefined ? model : { ...model, name };
}

async function startModels(written: readonly string[], options: StartAnyOptions): Promise<number> {
  const cache = await openModelCache(options.config);
  const models: ServedModel[] = [];
  try {
    for (const one of written) models.push(await prepare(one, cache, options));
  } finally {
    await cache.close();
  }
  const names = models.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new SmmfError(
      'CONFIG_INVALID',
      `Two models are called "${twice}"; give one another name: --model NAME=SOURCE`,
    );
  }
  return serveModels(models, options);
}

/** Asks a person which of the files to serve. @throws CONFIG_INVALID where nobody can be asked, with the commands */
async function chooseFile(files: readonly string[]): Promise<string> {
  const quoted = (file: string): string =>
    /^[\w./-]+$/.test(file) ? file : `'${file.replaceAll("'", String.raw`'\''`)}'`;
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    const commands = files.map((file) => `  smmf start --model ${quoted(file)}`).join('\n');
    throw new SmmfError(
      'CONFIG_INVALID',
      `There is no smmf.yaml in this folder. Its models can be served without one:\n${commands}`,
    );
  }
  console.log('There is no smmf.yaml in this folder; it has these models:');
  for (const [index, file] of files.entries()) console.log(`  ${index + 1}  ${file}`);
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const stop = new AbortController();
  terminal.once('close', () => stop.abort());
  const answer = await terminal.question('Serve which? [1] ', { signal: stop.signal }).catch(() => undefined);
  terminal.close();
  const file = answer === undefined ? undefined : files[Number(answer.trim() || '1') - 1];
  if (file !== undefined) return file;
  throw new SmmfError(
    'CONFIG_INVALID',
    answer === undefined ? 'Nothing is served' : `There is no number "${answer.trim()}" in the list`,
  );
}

/** `smmf start`: a config, the models that `--model` names, or one of the files of this folder. Resolves with the exit code. */
export async function startAny(role: string | undefined, options: StartAnyOptions): Promise<number> {
  if (role === undefined && options.model) return startModels(options.model, options);
  const hasConfig = options.config !== undefined || findConfig(process.cwd()) !== undefined;
  const files = hasConfig || role !== undefined ? [] : ggufsIn(process.cwd());
  return files.length === 0 ? start(role, options) : startModels([await chooseFile(files)], options);
}

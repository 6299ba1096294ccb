import { type ApiClient, createApiClient } from '@smmf/client';
import { createSmmf, findConfig, openModelCache, readListeners, type Smmf, SmmfError } from '@smmf/runtime';
import { chatOnTerminal } from '../chat/terminal-chat.ts';
import { apiAddress, apiKeyOf, type ConnectionOptions } from '../connection.ts';
import { createFetchBar } from '../fetch-bar.ts';
import { freePort } from '../free-port.ts';
import { inProcessApi } from '../in-process-api.ts';
import { configOf, type EngineFlags, prepareModel, type ServedModel } from '../model-config.ts';
import { findNamedModel } from '../model-name.ts';
import { endWithReader } from '../output.ts';
import { openRunLog } from '../run-log.ts';
import { onStopSignals } from '../stop-signals.ts';
import { waitForModel } from '../wait-for-model.ts';
import { answerOnce, readQuestion } from './chat.ts';
import { serveModels } from './start-models.ts';

/** Flags of `smmf run`. */
export interface RunOptions extends ConnectionOptions, EngineFlags {
  readonly serve?: boolean | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly adminPort?: number | undefined;
  readonly verbose?: boolean | undefined;
}

type Listeners = Pick<RunOptions, 'host' | 'port' | 'adminPort'>;

/** The address that is asked whether the model is served there already: what the flags say, else what `smmf chat` asks. */
async function addressOf(options: RunOptions): Promise<string> {
  const { url, host = '127.0.0.1', port } = options;
  if (url !== undefined || port === undefined) return apiAddress(options);
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** A client of the SMMF that serves one of `names` already, and the name; undefined where none does. */
async function alreadyServing(
  names: readonly string[],
  options: RunOptions,
): Promise<{ readonly api: ApiClient; readonly name: string; readonly url: string } | undefined> {
  const url = `${await addressOf(options)}/v1`;
  const api = createApiClient({ url, key: apiKeyOf(options) });
  const served = await api.models().catch(() => []);
  const name = names.find((one) => served.some(({ id }) => id === one));
  if (name !== undefined) return { api, name, url };
  await api.close();
  return undefined;
}

/** The listeners to open: those that the flags name, else the usual ones where they are free. */
async function listenersOf({ from }: ServedModel, options: RunOptions): Promise<Listeners> {
  const raw = from && { value: from.value, baseDir: from.baseDir, file: 'the config' };
  const written = raw && readListeners(raw);
  const [server, admin] = [written?.server, written?.admin];
  return {
    host: options.host,
    port: options.port ?? (await freePort(server?.port ?? 8100, options.host ?? server?.host ?? '127.0.0.1')),
    adminPort: options.adminPort ?? (await freePort(admin?.port ?? 8010, admin?.host ?? '127.0.0.1')),
  };
}

/** Starts the model in this process, its log in a file, and gives it to `work` once it is ready. */
async function withModel(
  model: ServedModel,
  options: RunOptions,
  isListening: boolean,
  work: (smmf: Smmf, remark: string | undefined) => Promise<void>,
): Promise<void> {
  const log = openRunLog(model.name);
  const bar = createFetchBar();
  const { config, baseDir } = configOf([model]);
  const listenAt = isListening ? await listenersOf(model, options) : {};
  const smmf = await createSmmf(config, { baseDir, logger: log.logger, onProgress: bar.show, listenAt });
  const stop = new AbortController();
  // A chat that waits for a person does not hold up an end that was asked for from outside.
  const end = (): void => {
    stop.abort(new SmmfError('ABORTED', 'Stopped'));
    void smmf.close(0).finally(() => process.exit(1));
  };
  onStopSignals(end, () => process.exit(1));
  try {
    const listening = isListening ? await smmf.listen() : undefined;
    await waitForModel(smmf, model.name, stop.signal);
    const remark = listening && `OpenAI API while this chat runs: ${listening.server.url}/v1. Log: ${log.path}`;
    await work(smmf, remark);
  } catch (error) {
    if (!(error instanceof SmmfError) || error.code !== 'MODEL_UNAVAILABLE') throw error;
    throw new SmmfError(error.code, `${error.message}. The log: ${log.path}`, { cause: error });
  } finally {
    bar.clear();
    await smmf.close(1_000);
    log.close();
  }
}

/**
 * `smmf run MODEL [QUESTION]`: serves a model without a config file. At a terminal a chat with it, which ends it; with a question
 * one answer; else, and with `--serve`, it is served until a signal. Resolves with the exit code.
 */
export async function run(text: string, words: readonly string[], options: RunOptions): Promise<number> {
  endWithReader();
  const question = options.serve ? undefined : await readQuestion(words, 'optional');
  const isServing = options.serve === true || (question === undefined && !process.stdin.isTTY);
  const cache = await openModelCache(options.config ?? findConfig(process.cwd()));
  try {
    const known = await findNamedModel(text, cache, options.config).catch(() => undefined);
    const running = await alreadyServing([text, ...(known ? [known.name] : [])], options);
    if (running) {
      if (isServing) throw new SmmfError('CONFLICT', `"${running.name}" is served already, at ${running.url}`);
      const { api, name, url } = running;
      const chat =
        question === undefined ? chatOnTerminal(api, name, `Served at ${url}.`) : answerOnce(api, name, question);
      await chat.finally(() => api.close());
      return 0;
    }
    const model = await prepareModel(text, cache, options);
    if (isServing) return await serveModels([model], options);
    await withModel(model, options, question === undefined, (smmf, remark) =>
      question === undefined
        ? chatOnTerminal(inProcessApi(smmf), model.name, remark)
        : answerOnce(inProcessApi(smmf), model.name, question),
    );
    return 0;
  } finally {
    await cache.close();
  }
}

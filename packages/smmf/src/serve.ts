import {
  type CallerKey,
  createSmmf,
  type ListenerOverrides,
  type ModelStatus,
  type Smmf,
  type SmmfListening,
} from '@smmf/runtime';
import { firstTry } from './first-try.ts';
import { ModelLines } from './model-lines.ts';
import { describeError, plainText } from './output.ts';
import { createProgressBar } from './progress-bar.ts';
import { onStopSignals } from './stop-signals.ts';

/** How to serve. */
export interface ServeOptions {
  /** End with 1 when a model is not served once the first start of every one is through; else only when none ever can be. */
  readonly strict?: boolean | undefined;
  readonly verbose?: boolean | undefined;
  readonly listenAt?: ListenerOverrides | undefined;
  /** Where relative paths of a config that is an object start; default the working directory. */
  readonly baseDir?: string | undefined;
  /** Those that the first request may be tried with; undefined for a server without keys. */
  readonly keys?: readonly CallerKey[] | undefined;
}

const isUp = ({ state }: ModelStatus): boolean => state === 'ready' || state === 'degraded';

/** Why there is no sense in going on; undefined while there is. */
export function hopeless(models: readonly ModelStatus[], strict: boolean): string | undefined {
  const failed = models.filter(({ state }) => state === 'failed' || (strict && state === 'down'));
  const isOver = failed.length > 0 && (strict || failed.length === models.length);
  if (!isOver) return undefined;
  return failed.map(({ id, reason }) => `Model "${id}" cannot be served: ${reason ?? 'no reason given'}`).join('\n');
}

/** What a person is told when the stop has begun; `running` is undefined where other processes serve. */
export function stopText(running: number | undefined, drainMs: number, graceMs: number): string {
  const grace = graceMs > 0 ? `new requests are taken for ${graceMs / 1000} s more; ` : '';
  if (running === 0) return grace === '' ? 'Stopping' : `Stopping: ${grace}Ctrl-C again stops at once`;
  if (running === undefined)
    return `Stopping: ${grace}what runs has up to ${drainMs / 1000} s to end; Ctrl-C again ends it now, with an error`;
  const work = running === 1 ? '1 request is running and has' : `${running} requests are running and have`;
  return `Stopping: ${grace}${work} up to ${drainMs / 1000} s to end; Ctrl-C again ends them now, with an error`;
}

/** One SMMF that serves until a signal ends it, or until nothing can be served. */
class Serving {
  readonly #smmf: Smmf;
  readonly #options: ServeOptions;
  readonly #say: (line: string) => void;
  readonly #ended = Promise.withResolvers<number>();
  readonly #lines: ModelLines;
  #listening: SmmfListening | undefined;
  #isStopping = false;
  #hasTried = false;
  #exitCode = 0;
  /** Said last of all. */
  #lastWords: string | undefined;

  constructor(smmf: Smmf, options: ServeOptions, say: (line: string) => void) {
    this.#smmf = smmf;
    this.#options = options;
    this.#say = say;
    this.#lines = new ModelLines(say, performance.now());
  }

  async run(): Promise<number> {
    onStopSignals(
      () => this.#stop(),
      () => this.#stopNow(),
    );
    try {
      this.#listening = await this.#smmf.listen();
      const { server, admin } = this.#listening;
      this.#say(`SMMF listens\n  OpenAI API  ${server.url}/v1\n  admin API   ${admin.url}`);
      this.#smmf.watch(() => this.#look());
      this.#look();
    } catch (error) {
      this.#fail(describeError(error, this.#options.verbose === true));
    }
    const code = await this.#ended.promise;
    if (this.#lastWords !== undefined) console.error(this.#lastWords);
    return code;
  }

  #look(): void {
    if (this.#isStopping) return;
    const models = this.#smmf.statuses();
    this.#lines.look(models, performance.now());
    const why = hopeless(models, this.#options.strict === true && !this.#hasTried);
    if (why !== undefined) this.#fail(plainText(why));
    else if (!this.#hasTried && models.some(isUp) && models.every(({ state }) => state !== 'starting'))
      this.#offer(models);
  }

  /** A request to try, once the first start of every model is through. */
  #offer(models: readonly ModelStatus[]): void {
    this.#hasTried = true;
    const tasksOf = (name: string): readonly string[] => this.#smmf.router.resolve(name)?.tasks ?? [];
    const names = models.filter(isUp).map(({ id }) => id);
    const lines = firstTry({
      url: this.#listening?.server.url ?? '',
      models: names,
      tasksOf,
      keys: this.#options.keys,
    });
    this.#say(`Try it:\n${lines.map((line) => `  ${line}`).join('\n')}`);
  }

  #fail(words: string): void {
    this.#lastWords = words;
    this.#exitCode = 1;
    this.#close();
  }

  #stop(): void {
    if (this.#isStopping) return;
    const { drainMs, graceMs } = this.#smmf.stopTimes;
    const { models } = this.#smmf.inspect();
    const running = models.reduce((sum, model) => sum + model.inFlight + model.queueDepth, 0);
    console.error(stopText(this.#smmf.processes > 1 ? undefined : running, drainMs, graceMs));
    this.#close();
  }

  /** What runs ends with an error; a further signal does not wait for that. */
  #stopNow(): void {
    if (this.#exitCode === 1 && this.#isStopping) process.exit(1);
    this.#exitCode = 1;
    void this.#smmf.close(0);
  }

  #close(): void {
    this.#isStopping = true;
    this.#smmf.close().then(
      () => this.#ended.resolve(this.#exitCode),
      (error: unknown) => {
        this.#lastWords ??= describeError(error, this.#options.verbose === true);
        this.#ended.resolve(1);
      },
    );
  }
}

/**
 * Serves a config until a signal: listens first, then tells of each model. Resolves with the exit code once everything has ended.
 * @throws CONFIG_INVALID
 */
export async function serve(config: Parameters<typeof createSmmf>[0], options: ServeOptions): Promise<number> {
  const bar = createProgressBar(process.stderr);
  const { listenAt, baseDir } = options;
  const given = { willListen: true, ...(listenAt ? { listenAt } : {}), ...(baseDir === undefined ? {} : { baseDir }) };
  const smmf = await createSmmf(config, { logger: 'config', onProgress: bar.show, ...given });
  const say = (line: string): void => {
    bar.clear();
    console.log(line);
  };
  return new Serving(smmf, options, say).run();
}

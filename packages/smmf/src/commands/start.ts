import {
  type CallerKey,
  callerKeys,
  createSmmf,
  findConfig,
  readConfig,
  type Smmf,
  SmmfError,
  type SmmfListening,
} from '@smmf/runtime';
import { firstTry } from '../first-try.ts';
import { describeError } from '../output.ts';
import { createProgressBar } from '../progress-bar.ts';
import { onStopSignals } from '../stop-signals.ts';

/** Flags of `smmf start`. */
export interface StartOptions {
  readonly config?: string | undefined;
  readonly verbose?: boolean | undefined;
}

/** The config file to use. @throws CONFIG_INVALID when none is named and none is here */
export function configFile(file: string | undefined): string {
  const found = file ?? findConfig(process.cwd());
  if (found !== undefined) return found;
  throw new SmmfError(
    'CONFIG_INVALID',
    'There is no smmf.yaml in this folder; write one with "smmf init", or name it with -c FILE',
  );
}

function announce(smmf: Smmf, { server, admin }: SmmfListening, keys: readonly CallerKey[] | undefined): void {
  const models = smmf.models();
  console.log(`SMMF serves ${models.map(({ id }) => id).join(', ')}`);
  console.log(`  OpenAI API  ${server.url}/v1`);
  console.log(`  admin API   ${admin.url}`);
  const tasksOf = (name: string): readonly string[] => smmf.router.resolve(name)?.tasks ?? [];
  const lines = firstTry({ url: server.url, models: models.map(({ id }) => id), tasksOf, keys });
  console.log(`Try it:\n${lines.map((line) => `  ${line}`).join('\n')}`);
}

/** Runs until a signal; resolves with the exit code once everything has ended. */
export async function start(role: string | undefined, options: StartOptions): Promise<number> {
  if (role !== undefined) {
    throw new SmmfError(
      'CONFIG_INVALID',
      `"smmf start ${role}": roles are not available in this version; "smmf start" runs all of them in one program`,
    );
  }
  const file = configFile(options.config);
  const smmf = await createSmmf(file, {
    logger: 'config',
    onProgress: createProgressBar(process.stderr),
  });
  const ended = Promise.withResolvers<number>();
  const stop = new AbortController();
  const finish = (code: number): void => {
    stop.abort();
    smmf.close().then(
      () => ended.resolve(code),
      (error: unknown) => {
        console.error(describeError(error, options.verbose === true));
        ended.resolve(1);
      },
    );
  };
  onStopSignals(
    () => finish(0),
    () => process.exit(1),
  );
  try {
    const listening = await smmf.listen();
    await smmf.ready(stop.signal);
    announce(smmf, listening, callerKeys(await readConfig(file)));
  } catch (error) {
    if (!stop.signal.aborted) console.error(describeError(error, options.verbose === true));
    if (!stop.signal.aborted) finish(1);
  }
  return ended.promise;
}

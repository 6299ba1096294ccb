import { createRole, type RoleName, type RunningRole, type SmmfOptions } from '@smmf/runtime';
import { ModelLines } from './model-lines.ts';
import { describeError } from './output.ts';
import { createProgressBar } from './progress-bar.ts';
import { onStopSignals } from './stop-signals.ts';

/** How to run a role. */
export interface RoleOptions extends Pick<SmmfOptions, 'listenAt'> {
  readonly verbose?: boolean | undefined;
}

const NAMES: Readonly<Record<RoleName, string>> = {
  controller: 'controller',
  worker: 'worker host',
  apiserver: 'API server',
};

/** What a person is told of a role that has started. */
function greeting({ role, listening, controllers, isPlain }: RunningRole): string {
  const places = Object.entries(listening).map(([what, { url }]) => {
    const shown = what === 'OpenAI API' ? `${url}/v1` : url;
    return `  ${what.padEnd(18)}  ${shown}`;
  });
  const joined = controllers.length === 0 ? [] : [`  ${'follows'.padEnd(18)}  ${controllers.join(', ')}`];
  const plain = isPlain
    ? ['  Without TLS (cluster.allowPlain): whoever is on the network can read prompts and keys']
    : [];
  return [`SMMF ${NAMES[role]} runs`, ...places, ...joined, ...plain].join('\n');
}

/**
 * Runs one role of a cluster until a signal. Resolves with the exit code once everything has ended.
 * @throws CONFIG_INVALID, PORT_IN_USE
 */
export async function serveRole(
  role: RoleName,
  config: string,
  { verbose = false, ...options }: RoleOptions,
): Promise<number> {
  const bar = createProgressBar(process.stderr);
  const ended = Promise.withResolvers<number>();
  const running = await createRole(role, config, { ...options, logger: 'config', onProgress: bar.show });
  const say = (line: string): void => {
    bar.clear();
    console.log(line);
  };
  let exitCode = 0;
  const close = (limitMs?: number): void => {
    running.close(limitMs).then(
      () => ended.resolve(exitCode),
      (error: unknown) => {
        console.error(describeError(error, verbose));
        ended.resolve(1);
      },
    );
  };
  onStopSignals(
    () => {
      console.error('Stopping; Ctrl-C again stops at once');
      close();
    },
    () => {
      exitCode = 1;
      close(0);
    },
  );
  say(greeting(running));
  const lines = new ModelLines(say, performance.now());
  running.watch(() => lines.look(running.statuses(), performance.now()));
  return ended.promise;
}

import { setTimeout as delay } from 'node:timers/promises';
import type { AdminClient } from '@smmf/client';
import { didYouMean, SmmfError } from '@smmf/runtime';
import { adminOf, type ConnectionOptions } from '../connection.ts';
import { endWithReader, type OutputOptions, plainText } from '../output.ts';

/** Flags of `smmf logs`. */
export interface LogsOptions extends ConnectionOptions, OutputOptions {
  readonly lines: number;
  readonly follow?: boolean | undefined;
}

type Line = Awaited<ReturnType<AdminClient['logs']>>[number];

/** Between two looks at a log that is followed, milliseconds. */
const LOOK_MS = 500;
/** What one look may bring. */
const MOST = 1_000;

/** The instance of that id, or the only one of the model of that name. */
async function instanceOf(admin: AdminClient, name: string): Promise<string> {
  const instances = await admin.instances();
  if (instances.some(({ id }) => id === name)) return name;
  const own = instances.filter(({ models }) => models.some(({ id }) => id === name)).map(({ id }) => id);
  const [only, ...others] = own;
  if (only !== undefined && others.length === 0) return only;
  if (only !== undefined) {
    throw new SmmfError('CONFIG_INVALID', `The model "${name}" has several instances; name one of ${own.join(', ')}`);
  }
  const ids = instances.map(({ id }) => id);
  throw new SmmfError('NOT_FOUND', `There is no instance "${name}"${didYouMean(name, ids)}`);
}

function timeOf(ms: number): string {
  const at = new Date(ms);
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}

function print(lines: readonly Line[], { json }: OutputOptions): void {
  for (const line of lines) {
    const text = plainText(line.text).replaceAll('\n', ' ');
    console.log(json ? JSON.stringify(line) : `${timeOf(line.atMs)} ${text}`);
  }
}

/** `smmf logs INSTANCE`: the last lines that the engine of an instance wrote, and with `--follow` those that come. */
export async function showLogs(name: string, options: LogsOptions): Promise<void> {
  endWithReader();
  const admin = await adminOf(options);
  const stop = new AbortController();
  try {
    const instance = await instanceOf(admin, name);
    let lines = await admin.logs(instance, { limit: options.lines });
    print(lines, options);
    if (!options.follow) return;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
    let after = 0;
    while (!stop.signal.aborted) {
      after = lines.at(-1)?.seq ?? after;
      await delay(LOOK_MS, undefined, { signal: stop.signal }).catch(() => undefined);
      if (!stop.signal.aborted) lines = await admin.logs(instance, { after, limit: MOST });
      if (!stop.signal.aborted) print(lines, options);
    }
  } finally {
    await admin.close();
  }
}

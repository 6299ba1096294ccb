import { type Smmf, SmmfError } from '@smmf/runtime';
import { plainText } from './output.ts';
import { hopeless } from './serve.ts';

const CLEAR_LINE = '\r\u001b[2K';

/** The line of a terminal that says what is waited for; nothing elsewhere. */
function draw(text: string): void {
  const { isTTY, columns = 80 } = process.stderr;
  if (isTTY)
    process.stderr.write(
      `${CLEAR_LINE}${plainText(text)
        .replaceAll('\n', ' ')
        .slice(0, columns - 1)}`,
    );
}

/**
 * Waits until the only model of `smmf` is ready, and says meanwhile what keeps it. A model that crashes again and again counts as
 * one that cannot be served.
 * @throws MODEL_UNAVAILABLE with the reason; the signal's reason
 */
export async function waitForModel(smmf: Smmf, name: string, signal: AbortSignal): Promise<void> {
  const done = Promise.withResolvers<void>();
  const look = (): void => {
    const models = smmf.statuses();
    const reason = models.find((model) => model.reason !== undefined)?.reason;
    const why = hopeless(models, true);
    if (why !== undefined) done.reject(new SmmfError('MODEL_UNAVAILABLE', why));
    else if (models.every(({ ready }) => ready > 0)) done.resolve();
    else draw(`Loading ${name} … ${reason === undefined || reason === 'loading' ? '' : `(${reason})`}`);
  };
  const onAbort = (): void => done.reject(signal.reason);
  signal.addEventListener('abort', onAbort);
  const unwatch = smmf.watch(look);
  try {
    look();
    await done.promise;
  } finally {
    unwatch();
    signal.removeEventListener('abort', onAbort);
    draw('');
  }
}

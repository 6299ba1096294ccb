import type { Logger, LogLevel } from '@smmf/core';
import { type ToEngine, type ToHost, toEngine } from './messages.ts';
import { plainFields } from './plain-fields.ts';

/** The way from an engine's process to its host. */
export interface HostChannel {
  /** Resolves when the message has left, or cannot leave any more. */
  send(message: ToHost): Promise<void>;
  /** Logs at the host; what is below debug stays here. */
  readonly logger: Logger;
}

/** The IPC channel that this process was started with. */
export function createHostChannel(onMessage: (message: ToEngine) => void, onParted: () => void): HostChannel {
  process.on('message', (value) => {
    const parsed = toEngine.safeParse(value);
    if (parsed.success) onMessage(parsed.data);
  });
  process.once('disconnect', onParted);
  const send = (message: ToHost): Promise<void> =>
    new Promise((resolve) => {
      if (!process.connected) resolve();
      else process.send?.(message, undefined, undefined, () => resolve());
    });
  return { send, logger: createIpcLogger(send, {}) };
}

function createIpcLogger(send: HostChannel['send'], bound: Readonly<Record<string, unknown>>): Logger {
  const at =
    (level: Exclude<LogLevel, 'trace'>) =>
    (fields: Readonly<Record<string, unknown>>, text: string): void =>
      void send({ type: 'log', level, fields: plainFields({ ...bound, ...fields }), text });
  return {
    fatal: at('fatal'),
    error: at('error'),
    warn: at('warn'),
    info: at('info'),
    debug: at('debug'),
    trace: () => undefined,
    child: (fields) => createIpcLogger(send, { ...bound, ...fields }),
  };
}

import { isSmmfError, silentLogger } from '@smmf/core';
import { startRole } from '../start-role.ts';
import { GroupMember } from './group-member.ts';
import type { FromServer, ServeOrder, ToServer } from './messages.ts';

/** One process of several that share a port: an API server that does what the process that started it says. */

const send = (message: FromServer): void => void (process.connected && process.send?.(message));

// Whoever ends the program ends the process that started this one, too, and that one says when.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);

const given = Promise.withResolvers<ServeOrder>();
let group: GroupMember | undefined;
let end: ((limitMs: number) => void) | undefined;
let endMs: number | undefined;
// Listens from the first moment on: the order to end may come right after the one to serve.
process.on('message', (message: ToServer) => {
  group?.take(message);
  if (message.kind === 'serve') given.resolve(message);
  if (message.kind !== 'close') return;
  endMs = message.limitMs;
  end?.(message.limitMs);
});
const order = await given.promise;
group = new GroupMember(order.copies, send);
try {
  const { raw, env, secrets, isLogged } = order;
  const logger = isLogged ? 'config' : silentLogger;
  const role = await startRole('apiserver', raw, { env, logger }, { group, secrets: new Map(secrets) });
  end = (limitMs) => void role.close(limitMs).finally(() => process.exit(0));
  const listening = role.listening['OpenAI API'];
  if (listening) send({ kind: 'listening', listening });
  if (endMs !== undefined) end(endMs);
} catch (error) {
  const code = isSmmfError(error) ? error.code : 'INTERNAL';
  send({ kind: 'failed', code, message: error instanceof Error ? error.message : String(error) });
  process.disconnect();
}

import { createSmmf } from 'smmf';

/** SMMF under a soak: answers each message with a sample of everything that could leak. */

const [upstream = ''] = process.argv.slice(2);
const smmf = await createSmmf(
  {
    version: 1,
    server: { port: 0, connectionsPerAddress: 10_000 },
    admin: { port: 0 },
    log: { level: 'silent' },
    models: { fake: { engine: 'proxy-openai', url: upstream, model: 'fake', slots: 40 } },
  },
  { baseDir: import.meta.dirname, logger: 'config' },
);
const { server } = await smmf.listen();
await smmf.ready();

const collect = globalThis.gc as ((options: object) => void) | undefined;

const countOf = (names: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
};

process.on('message', () => {
  // A collection that also gives free pages back: V8 keeps the room for young objects that a burst needed, which is no leak.
  for (let round = 0; round < 4; round++) collect?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  const { heapUsed, rss } = process.memoryUsage();
  const { models, leaks } = smmf.inspect();
  const listeners = process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
  process.send?.({ heapUsed, rss, leaks, models, listeners, resources: countOf(process.getActiveResourcesInfo()) });
});
process.on('disconnect', () => process.exit(0));
process.send?.({ port: server.port });

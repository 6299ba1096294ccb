import { createSmmf } from 'smmf';

/** SMMF with its front and an engine's process, as people run it. */

const [source = '', threads = '1', parallel = '8'] = process.argv.slice(2);
const engine = { engine: 'llamacpp', threads: Number(threads), parallel: Number(parallel), contextLength: 2048 };
const smmf = await createSmmf(
  {
    version: 1,
    server: { port: 0 },
    admin: { port: 0 },
    log: { format: 'json' },
    models: { chat: { ...engine, source } },
  },
  { baseDir: import.meta.dirname, logger: 'config' },
);
const { server } = await smmf.listen();
await smmf.ready();
console.log(`ready ${server.port}`);
process.once('SIGTERM', () => void smmf.close(0).then(() => process.exit(0)));

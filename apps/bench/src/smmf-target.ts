import { createSmmf } from 'smmf';

/** SMMF as people run it: keys, metrics, access log, usage tap and deadlines are on; the load comes from one address. */

const [upstream = '', port = '0', key = '', engine = 'proxy-openai'] = process.argv.slice(2);
const smmf = await createSmmf(
  {
    version: 1,
    server: { port: Number(port), keys: [key], connectionsPerAddress: 100_000, maxConnections: 100_000 },
    admin: { port: 0 },
    log: { format: 'json' },
    models: {
      mock: {
        engine,
        url: `${upstream}/v1`,
        ...(engine.includes('vllm') ? { served: 'mock' } : { model: 'mock' }),
        slots: 100_000,
      },
    },
  },
  { baseDir: import.meta.dirname, logger: 'config' },
);
const { server } = await smmf.listen();
await smmf.ready();
console.log(`ready ${server.port}`);
process.once('SIGTERM', () => void smmf.close(0).then(() => process.exit(0)));

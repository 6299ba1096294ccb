import { fastify } from 'fastify';
import { createSmmf, openAiPlugin } from 'smmf';
import { config } from './config.ts';

// The OpenAI routes inside a server of one's own, beside one's own routes.
const smmf = await createSmmf(config, { baseDir: import.meta.dirname });
const app = fastify();
app.get('/', () => ({ hello: 'world' }));
app.register(openAiPlugin({}, { router: smmf.router }));

const address = await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT ?? 3000) });
console.log(`GET ${address}/ and POST ${address}/v1/chat/completions`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    await app.close();
    await smmf.close();
  });
}

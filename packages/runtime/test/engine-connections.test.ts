import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createRawServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createSmmf } from '../src/index.ts';

const VLLM = join(import.meta.dirname, '../../../plugins/vllm/src/index.ts');
const messages = [{ role: 'user' as const, content: 'hi' }];
const REPLY = '{"choices":[{"index":0,"message":{"role":"assistant","content":"x"},"finish_reason":"stop"}]}';
const DONE = 'data: {"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';

const configOf = (...urls: string[]) => ({
  version: 1 as const,
  admin: { port: 0 },
  models: { m: { balancer: 'round-robin', workers: urls.map((url) => ({ engine: VLLM, url })) } },
});

async function engine(answer: RequestListener): Promise<{ readonly url: string; readonly sockets: Set<Socket> }> {
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    if (request.method !== 'GET') return answer(request, response);
    response.setHeader('content-type', 'application/json');
    response.end('{"object":"list","data":[{"id":"m"}]}');
  }).listen(0, '127.0.0.1');
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, sockets };
}

async function start(...urls: string[]) {
  const smmf = await createSmmf(configOf(...urls), { baseDir: import.meta.dirname });
  onTestFinished(() => smmf.close(500));
  await smmf.ready();
  return smmf;
}

it('an engine that closes its idle connections unannounced is never ejected for it, and no request is lost', async () => {
  let cut = 0;
  const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: `;
  const raw = createRawServer((socket) => {
    let posts = 0;
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      const isPost = bytes.toString('latin1').startsWith('POST');
      const body = isPost ? REPLY : '{"object":"list","data":[{"id":"m"}]}';
      if (!isPost || posts++ === 0) socket.write(`${head}${body.length}\r\n\r\n${body}`);
      else {
        cut++;
        socket.destroy();
      }
    });
  }).listen(0, '127.0.0.1');
  await once(raw, 'listening');
  onTestFinished(() => void raw.close());
  const other = await engine((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(REPLY);
  });
  const smmf = await start(`http://127.0.0.1:${(raw.address() as AddressInfo).port}`, other.url);
  await expect.poll(() => smmf.inspect().instances.filter(({ state }) => state === 'ready')).toHaveLength(2);
  for (let count = 0; count < 12; count++) await smmf.chat({ model: 'm', messages });
  expect(cut).toBeGreaterThan(0);
  expect(smmf.inspect()).toMatchObject({ ejections: 0, leaks: 0 });
});

it('an engine that never ends its streams keeps no connections: a second after [DONE] they are gone', async () => {
  const { url, sockets } = await engine((_request, response) => {
    response.setHeader('content-type', 'text/event-stream');
    response.write(DONE);
  });
  const smmf = await start(url);
  for (let count = 0; count < 50; count++) for await (const _ of smmf.chat({ model: 'm', messages, stream: true }));
  await expect.poll(() => sockets.size, { timeout: 4_000 }).toBeLessThanOrEqual(1);
  expect(smmf.inspect().models[0]?.inFlight).toBe(0);
});

it('an embedding program ends after close, whatever an engine holds open', async () => {
  const { url } = await engine((_request, response) => {
    response.setHeader('content-type', 'text/event-stream');
    response.write(DONE);
  });
  const program = `
    import { createSmmf } from ${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)};
    const smmf = await createSmmf(${JSON.stringify(configOf(url))}, { baseDir: ${JSON.stringify(import.meta.dirname)} });
    await smmf.ready();
    for await (const _ of smmf.chat({ model: 'm', messages: ${JSON.stringify(messages)}, stream: true }));
    await smmf.close(500);
    console.log('closed');`;
  const args = ['--conditions=smmf-source', '--input-type=module', '-e', program];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  const [closed] = await once(child.stdout, 'data');
  const closedMs = performance.now();
  expect(String(closed)).toContain('closed');
  expect((await exited)[0]).toBe(0);
  expect(performance.now() - closedMs).toBeLessThan(5_000);
});

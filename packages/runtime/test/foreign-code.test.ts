import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createSmmf, type SmmfOptions } from '../src/index.ts';

const VLLM = join(import.meta.dirname, '../../../plugins/vllm/src/index.ts');
const messages = [{ role: 'user' as const, content: 'hi' }];
const REPLY = JSON.stringify({
  choices: [{ index: 0, message: { role: 'assistant', content: 'x' }, finish_reason: 'stop' }],
});
const event = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;

let uncaught: unknown[] = [];
const note = (error: unknown): void => void uncaught.push(error);
beforeEach(() => {
  uncaught = [];
  process.on('uncaughtExceptionMonitor', note).on('unhandledRejection', note);
});
afterEach(async () => {
  await new Promise((resolve) => setTimeout(resolve, 20));
  process.off('uncaughtExceptionMonitor', note).off('unhandledRejection', note);
  expect(uncaught).toEqual([]);
});

async function start(answer: RequestListener, model: object, workers = 1, options: SmmfOptions = {}) {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const list = Array.from({ length: workers }, () => ({ engine: VLLM, url }));
  const config = {
    version: 1,
    server: { port: 0 },
    admin: { port: 0 },
    models: { m: { workers: list, ...model } },
  } as const;
  const smmf = await createSmmf(config, { baseDir: import.meta.dirname, ...options });
  onTestFinished(async () => {
    await smmf.close(500);
    server.closeAllConnections();
    server.close();
  });
  await smmf.ready();
  return smmf;
}

const json =
  (text: string): RequestListener =>
  (_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(text);
  };

describe('in an embedded program', () => {
  it.each(['{oops}', '', 'null', `{"choices":[],${' '.repeat(70_000)}oops}`])(
    'an answer that is no JSON (%.20s) is an error of its call',
    async (text) => {
      const smmf = await start(json(text), {});
      await expect(smmf.chat({ model: 'm', messages })).rejects.toMatchObject({ code: 'ENGINE_FAILED' });
      expect(smmf.inspect().leaks).toBe(0);
    },
  );

  it('an event that is no JSON is an error of its stream', async () => {
    const smmf = await start((_request, response) => {
      response.setHeader('content-type', 'text/event-stream');
      response.write(event({ content: 'a' }));
      setTimeout(() => response.write('data: not json\n\n'), 20);
      setTimeout(() => response.end(`${event({}, 'stop')}data: [DONE]\n\n`), 40);
    }, {});
    const read: unknown[] = [];
    const reading = async (): Promise<void> => {
      for await (const chunk of smmf.chat({ model: 'm', messages, stream: true })) read.push(chunk);
    };
    await expect(reading()).rejects.toMatchObject({ code: 'ENGINE_FAILED' });
    expect(read).toHaveLength(1);
  });

  it('a balancer that throws from the third call on is stood in for: every client gets its answer', async () => {
    const use = join(import.meta.dirname, 'plugins/throwing-balancer.ts');
    const smmf = await start(json(REPLY), { balancer: { use } }, 2);
    const { server } = await smmf.listen();
    const statuses: number[] = [];
    for (let count = 0; count < 5; count++) {
      const response = await fetch(`${server.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'm', messages }),
        signal: AbortSignal.timeout(3_000),
      });
      statuses.push(response.status);
    }
    expect(statuses).toEqual([200, 200, 200, 200, 200]);
    expect(smmf.inspect()).toMatchObject({ leaks: 0, faults: { balancer: 3 } });
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toContain('smmf_foreign_faults_total{part="balancer"} 3');
  });

  it('a logger that throws costs no call and no command', async () => {
    const boom = (): never => {
      throw new Error('boom');
    };
    const logger = { fatal: boom, error: boom, warn: boom, info: boom, debug: boom, trace: boom, child: () => logger };
    const smmf = await start(json(REPLY), {}, 1, { logger });
    expect(await smmf.controller.apply({ instance: 'm-0', action: 'online' })).toMatchObject({ state: 'done' });
    expect(await smmf.chat({ model: 'm', messages })).toMatchObject({ choices: [{ finish_reason: 'stop' }] });
  });
});

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createFakeEngine, type FakeEngine } from '@smmf/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

interface Sample {
  readonly heapUsed: number;
  readonly rss: number;
  readonly leaks: number;
  readonly models: readonly { readonly inFlight: number; readonly queueDepth: number }[];
  readonly listeners: number;
  readonly resources: Readonly<Record<string, number>>;
}

let engine: FakeEngine;
let target: ChildProcess;
let port = 0;

beforeAll(async () => {
  engine = await createFakeEngine();
  const execArgv = ['--conditions=smmf-source', '--expose-gc'];
  target = fork(join(import.meta.dirname, 'soak-target.ts'), [engine.url], { execArgv });
  const [message] = await once(target, 'message');
  port = (message as { port: number }).port;
}, 60_000);
afterAll(async () => {
  target.disconnect();
  await engine.close();
});

const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/** Where a client leaves: never, or at one of the four moments of F29. */
type Leave = 'never' | 'queued' | 'before the first token' | 'in the stream' | 'whole';

function send(leave: Leave, index: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const isStream = leave === 'never' ? index % 2 === 0 : leave !== 'whole';
  const body = JSON.stringify({
    model: 'fake',
    messages: [{ role: 'user', content: 'x' }],
    max_tokens: 6,
    stream: isStream,
  });
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const outgoing = request(
    { port, host: '127.0.0.1', method: 'POST', path: '/v1/chat/completions', headers, agent },
    (answer) => {
      if (leave === 'in the stream') answer.once('data', () => outgoing.destroy());
      answer.on('error', () => resolve());
      answer.on('close', () => resolve());
      answer.resume();
    },
  );
  outgoing.on('error', () => resolve());
  outgoing.end(body);
  if (leave === 'queued') setImmediate(() => outgoing.destroy());
  if (leave === 'before the first token' || leave === 'whole') setTimeout(() => outgoing.destroy(), Math.random() * 4);
  return promise;
}

const LEAVES: readonly Leave[] = ['queued', 'before the first token', 'in the stream', 'whole'];

/** `count` requests, 64 at a time; a third of them leave when `mayLeave`. */
async function load(count: number, mayLeave: boolean): Promise<void> {
  let next = 0;
  const run = async (): Promise<void> => {
    while (next < count) {
      const index = next++;
      const leave =
        mayLeave && index % 3 === 0 ? (LEAVES[Math.floor(Math.random() * LEAVES.length)] ?? 'never') : 'never';
      await send(leave, index);
    }
  };
  await Promise.all(Array.from({ length: 64 }, run));
}

/** The engine's open connections; the least of three seconds, as the one of the health probe comes and goes. */
async function leastConnections(): Promise<number> {
  let least = engine.connections;
  for (let round = 0; round < 30; round++) {
    await delay(100);
    least = Math.min(least, engine.connections);
  }
  return least;
}

/** Fills every pool alike, waits two seconds, and looks. */
async function sample(): Promise<Sample & { readonly upstreamSockets: number; readonly clientSockets: number }> {
  await load(300, false);
  await delay(2_000);
  target.send({});
  const [message] = await once(target, 'message');
  const clientSockets = Object.values(agent.freeSockets).reduce((sum, sockets) => sum + (sockets?.length ?? 0), 0);
  return { ...(message as Sample), upstreamSockets: await leastConnections(), clientSockets };
}

describe('10,000 requests at 64 at a time, a third of them left by their clients', () => {
  it('leave nothing behind: sockets, timers, listeners, leases, memory', async () => {
    engine.script((seen) => (seen.json?.stream === true ? { ...slow(seen.json), gapMs: 1 } : undefined));
    await load(200, true);
    const first = await sample();
    await load(1_200, true);
    const early = await sample();
    await load(7_700, true);
    const last = await sample();
    const steady = ({ leaks, models, listeners, resources, upstreamSockets, clientSockets }: typeof first) => ({
      leaks,
      inFlight: models.map(({ inFlight, queueDepth }) => inFlight + queueDepth),
      listeners,
      timeouts: resources.Timeout ?? 0,
      sockets: resources.TCPSocketWrap ?? 0,
      servers: resources.TCPServerWrap ?? 0,
      upstreamSockets,
      clientSockets,
    });
    expect(steady(last)).toEqual(steady(first));
    expect(steady(last)).toMatchObject({ leaks: 0, inFlight: [0] });
    expect(engine.active).toBe(0);
    console.log(
      `heap ${(last.heapUsed / early.heapUsed).toFixed(3)}, RSS ${(last.rss / early.rss).toFixed(3)} of that at request 2,000`,
    );
    expect(last.heapUsed / early.heapUsed).toBeLessThanOrEqual(1.05);
    expect(last.rss / early.rss).toBeLessThanOrEqual(1.1);
  }, 180_000);
});

function slow(json: Readonly<Record<string, unknown>>) {
  const chunk = (delta: object, finish: string | null = null): string =>
    `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: json.model, choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  const pieces = [
    chunk({ role: 'assistant', content: '' }),
    ...['a', 'b', 'c', 'd', 'e'].map((content) => chunk({ content })),
    chunk({}, 'stop'),
    'data: [DONE]\n\n',
  ];
  return { headers: { 'content-type': 'text/event-stream' }, pieces };
}

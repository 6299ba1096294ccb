import { createConnection } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { descendants, engineOf, isAlive } from './processes.ts';
import { type Running, runUntilReady, SMOLLM2, startSmmf, stop, writeConfig } from './run-smmf.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function start(more = ''): Promise<Running> {
  const config = writeConfig(SMOLLM2 + more);
  const running = await startSmmf(config.file);
  cleanUps.push(config.remove, () => stop(running));
  return running;
}

const ask = (running: Running, more: object = {}, signal: AbortSignal | null = null): Promise<Response> =>
  fetch(`${running.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'smollm2',
      messages: [{ role: 'user', content: 'Tell me about the sea.' }],
      max_tokens: 2,
      ...more,
    }),
    signal,
  });

async function stateOf(running: Running): Promise<{ state: string; reason?: string; crashes: number }> {
  const { data } = (await (await fetch(`${running.adminUrl}/admin/v1/instances`)).json()) as {
    data: [{ state: string; crashes: number }];
  };
  return data[0];
}

describe('kill -9 of the engine', () => {
  it('leaves the server healthy, holds requests or answers 503 with Retry-After, and serves again within 10 s', async () => {
    const running = await start();
    expect((await ask(running)).status).toBe(200);
    const polls: { status: number; ms: number }[] = [];
    const answers: { status: number; retryAfter: string | null; afterMs: number }[] = [];
    const killedMs = performance.now();
    process.kill(engineOf(running.child.pid ?? 0), 'SIGKILL');
    const poll = async (): Promise<void> => {
      const startedMs = performance.now();
      const { status } = await fetch(`${running.url}/healthz`);
      polls.push({ status, ms: performance.now() - startedMs });
    };
    const send = async (): Promise<void> => {
      const { status, headers } = await ask(running);
      answers.push({ status, retryAfter: headers.get('retry-after'), afterMs: performance.now() - killedMs });
    };
    const pending: Promise<void>[] = [];
    for (let tick = 0; tick < 120 && !answers.some(({ status }) => status === 200); tick++) {
      pending.push(poll());
      if (tick % 4 === 0) pending.push(send());
      await delay(50);
    }
    await Promise.all(pending);
    expect(polls.filter(({ status }) => status !== 200)).toEqual([]);
    expect(Math.max(...polls.map(({ ms }) => ms))).toBeLessThan(100);
    for (const { status, retryAfter } of answers) {
      expect([200, 503]).toContain(status);
      if (status === 503) expect(Number(retryAfter)).toBeGreaterThan(0);
    }
    expect(answers.find(({ status }) => status === 200)?.afterMs).toBeLessThan(10_000);
  });

  it('five times in a row is told as a crash loop, and requests are refused at once meanwhile', async () => {
    const running = await start();
    for (let kill = 0; kill < 5; kill++) {
      await expect.poll(async () => (await stateOf(running)).state, { timeout: 30_000 }).toBe('ready');
      process.kill(engineOf(running.child.pid ?? 0), 'SIGKILL');
      await expect.poll(async () => (await stateOf(running)).crashes, { timeout: 5_000 }).toBe(kill + 1);
    }
    await expect.poll(async () => (await stateOf(running)).state, { timeout: 5_000 }).toBe('down');
    expect((await stateOf(running)).reason).toMatch(/crashes again and again \(5 times by now\).*(?:SIGKILL|137)/);
    const answer = await ask(running);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
  });
});

describe('a prompt of 5,000 tokens', () => {
  it('that is cancelled after 300 ms frees its sequence within a slice', async () => {
    const running = await start('    contextLength: 8192\n    parallel: 1\n');
    const controller = new AbortController();
    const long = ask(
      running,
      { messages: [{ role: 'user', content: 'wave '.repeat(4_900) }] },
      controller.signal,
    ).catch(() => undefined);
    await delay(300);
    controller.abort();
    const abortedMs = performance.now();
    await long;
    const answer = await ask(running, { max_tokens: 1 });
    expect(answer.status).toBe(200);
    // The whole prompt would take more than half a minute; a slice is about a tenth of a second.
    expect(performance.now() - abortedMs).toBeLessThan(3_000);
  });
});

/** Reads a stream to its end; `onFirst` runs at its first content. */
async function readStream(response: Response, onFirst: () => void): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const piece of response.body ?? []) {
    const isFirst = !text.includes('"content":"') && text !== '';
    text += decoder.decode(piece, { stream: true });
    if (isFirst || (text.match(/"content"/g) ?? []).length === 2) onFirst();
  }
  return text;
}

function isPortFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = createConnection({ port, host: '127.0.0.1' });
  socket.once('connect', () => {
    socket.destroy();
    resolve(false);
  });
  socket.once('error', () => resolve(true));
  return promise;
}

/** Signals, each as a person or a supervisor sends it to `npm start`. */
const SIGNALS: Readonly<Record<string, (running: Running) => void>> = {
  'SIGTERM to npm': ({ child }) => void child.kill('SIGTERM'),
  'SIGTERM to the process group': ({ child }) => void process.kill(-(child.pid ?? 0), 'SIGTERM'),
  'SIGINT to the process group, as Ctrl-C does': ({ child }) => void process.kill(-(child.pid ?? 0), 'SIGINT'),
};

describe('npm start', () => {
  it.each(Object.entries(SIGNALS))('finishes a stream at %s, exits 0 and leaves nothing', async (_name, send) => {
    const config = writeConfig(SMOLLM2);
    cleanUps.push(config.remove);
    const running = await runUntilReady('npm', ['start', '--', '-c', config.file], 120_000);
    const below = descendants(running.child.pid ?? 0);
    let isSent = false;
    const text = await readStream(await ask(running, { stream: true, max_tokens: 40 }), () => {
      if (!isSent) send(running);
      isSent = true;
    });
    expect(isSent).toBe(true);
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    expect(await running.ended).toBe(0);
    await expect.poll(() => below.filter(isAlive), { timeout: 3_000 }).toEqual([]);
    expect(await isPortFree(Number(new URL(running.url).port))).toBe(true);
  });

  it('finishes a stream at Ctrl-C in a terminal', async () => {
    const config = writeConfig(SMOLLM2);
    cleanUps.push(config.remove);
    // As in a terminal, npm leads the foreground group: a shell that stayed in it (dash, unlike bash) would die of Ctrl-C itself.
    const command = `exec npm start -- -c ${config.file}`;
    const running = await runUntilReady('script', ['-qefc', command, '/dev/null'], 120_000);
    const below = descendants(running.child.pid ?? 0);
    let isSent = false;
    const text = await readStream(await ask(running, { stream: true, max_tokens: 40 }), () => {
      if (!isSent) running.child.stdin?.write('\u0003');
      isSent = true;
    });
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    expect(await running.ended).toBe(0);
    await expect.poll(() => below.filter(isAlive), { timeout: 3_000 }).toEqual([]);
  });

  it('ends at once at a second signal, from a second after the first', async () => {
    const running = await start('    contextLength: 8192\n');
    const below = descendants(running.child.pid ?? 0);
    // Several: one answer may end by itself within the second.
    const streams = Array.from({ length: 4 }, () =>
      ask(running, { stream: true, max_tokens: 4_000, temperature: 1 }).catch(() => undefined),
    );
    await Promise.race(streams);
    running.child.kill('SIGTERM');
    running.child.kill('SIGTERM');
    await delay(1_100);
    expect(isAlive(running.child.pid ?? 0)).toBe(true);
    const secondMs = performance.now();
    running.child.kill('SIGTERM');
    await running.ended;
    expect(performance.now() - secondMs).toBeLessThan(1_000);
    for (const stream of await Promise.all(streams)) await stream?.body?.cancel().catch(() => undefined);
    await expect.poll(() => below.filter(isAlive), { timeout: 5_000 }).toEqual([]);
  });
});

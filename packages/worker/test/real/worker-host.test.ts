import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Secret } from '@smmf/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { testKeys } from '../host/harness.ts';
import { ask, createRealHost, groupMembers, isReady, pidOf, say } from './harness.ts';

const isLinux = process.platform === 'linux';

describe('an engine process', () => {
  it('serves the OpenAI routes on a unix socket, streamed and not', async () => {
    const real = await createRealHost();
    const view = await real.until(isReady);
    expect(view.models).toMatchObject([{ id: 'chat', tasks: ['chat', 'completions'] }]);
    expect(view.address?.url).toBe('http://localhost/v1');
    expect(Buffer.byteLength(view.address?.socketPath ?? '')).toBeLessThan(100);
    const whole = await ask(view, say('hello you'));
    expect(whole.status).toBe(200);
    expect(JSON.parse(whole.text)).toMatchObject({ choices: [{ message: { content: 'echo: hello you' } }] });
    const stream = await ask(view, say('hello', { stream: true }));
    expect(stream.text).toContain('"content":" hello"');
    expect(stream.text).toMatch(/data: \[DONE\]\n\n$/);
    const refused = await ask(view, say('x', { temperature: 7 }));
    expect(JSON.parse(refused.text)).toMatchObject({ error: { param: 'temperature', code: 'invalid_value' } });
    expect(refused.status).toBe(400);
  });

  it('has a socket for its user alone, in a folder for its user alone', async () => {
    const real = await createRealHost();
    const { address } = await real.until(isReady);
    expect(statSync(real.socketDir).mode & 0o777).toBe(0o700);
    expect(statSync(address?.socketPath ?? '').mode & 0o777).toBe(0o600);
  });

  it('listens on a loopback port by order, and where the path of its socket would be too long', async () => {
    const ports = await createRealHost({}, { listen: 'loopback' });
    const view = await ports.until(isReady);
    expect(view.address?.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1$/);
    await ports.host.close(0);
    const long = await createRealHost({}, { socketDir: `/${'x'.repeat(90)}` });
    expect((await long.until(isReady)).address?.socketPath).toBeUndefined();
  });

  it('S36: on a port it asks for the key of this very start, whose name alone stands in the record; a socket asks for none', async () => {
    const keyOf = (id: string): Secret => testKeys.engineKey(id);
    const real = await createRealHost({}, { listen: 'loopback' });
    const view = await real.until(isReady);
    const { keyId = '' } = view.address ?? {};
    expect((await ask(view, say('x'))).status).toBe(401);
    const authorization = (id: string) => ({ headers: { authorization: `Bearer ${keyOf(id).reveal()}` } });
    expect((await ask(view, say('x'), authorization(keyId))).status).toBe(200);
    await real.host.restart(2, 0);
    const next = await real.until((now) => now.starts === 2 && isReady(now));
    expect(next.address?.keyId).not.toBe(keyId);
    expect((await ask(next, say('x'), authorization(keyId))).status).toBe(401);
    expect(JSON.stringify([...real.registry.records.values()])).not.toContain(keyOf(keyId).reveal());
    const socket = await createRealHost();
    const onSocket = await socket.until(isReady);
    expect(onSocket.address?.keyId).toBeUndefined();
    expect((await ask(onSocket, say('x'))).status).toBe(200);
  });

  it.runIf(isLinux)(
    'S35: sees the allowed environment and no options; a strange model name starts nothing',
    async () => {
      const env = { ...process.env, OPENAI_API_KEY: 'sk-secret', NODE_OPTIONS: '--no-warnings', HF_TOKEN: 'hf-token' };
      const model = 'chat; touch owned $(id) `id` && "x"';
      const real = await createRealHost({ secret: 'sk-very-secret' }, { env }, { model });
      await real.until(isReady);
      const pid = pidOf(real);
      const names = readFileSync(`/proc/${pid}/environ`, 'utf8')
        .split('\0')
        .filter((line) => line !== '')
        .map((line) => line.slice(0, line.indexOf('=')));
      expect(names).toContain('HF_TOKEN');
      expect(names).toContain('UV_THREADPOOL_SIZE');
      for (const name of ['OPENAI_API_KEY', 'NODE_OPTIONS', 'VITEST']) expect(names).not.toContain(name);
      const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      expect(commandLine).not.toContain('secret');
      expect(commandLine).not.toContain('owned');
      expect(groupMembers(pid)).toEqual([pid]);
    },
  );

  it('gets model files through the host, which shows how far they are', async () => {
    const real = await createRealHost({ source: './m.bin' });
    await mkdir(dirname(real.socketDir), { recursive: true });
    await real.until(({ reason }) => reason?.startsWith('restarting') === true);
    expect(real.host.report().reason).toContain('m.bin');
    const file = join(dirname(real.socketDir), 'm.bin');
    await writeFile(file, 'weights');
    const view = await real.until(isReady);
    expect(JSON.parse((await ask(view, say('where'))).text)).toMatchObject({
      choices: [{ message: { content: `echo: ${file}` } }],
    });
  });

  it('samples its load with each probe', async () => {
    const real = await createRealHost({ tokenMs: 20 }, { timings: { probeMs: 50 } });
    const view = await real.until(isReady);
    const answer = ask(view, say('x', { max_tokens: 50, stream: true }));
    await real.until(({ load }) => load?.running === 1);
    await answer;
    await real.until(({ load }) => load?.running === 0);
  });

  it('hands its log lines to the host, with the instance', async () => {
    const real = await createRealHost({ throwOn: 'boom' });
    const { text } = await ask(await real.until(isReady), say('boom', { stream: true }));
    expect(text).toContain('engine_failed');
    await expect
      .poll(() => real.lines.find(({ level }) => level === 'warn')?.fields)
      .toMatchObject({ instance: 'demo-1', cause: 'The demo engine was told to throw' });
  });
});

describe('a client that goes', () => {
  it('stops the engine within 250 ms', async () => {
    const real = await createRealHost({ tokenMs: 5 }, { timings: { probeMs: 20 } });
    const view = await real.until(isReady);
    let goneMs = 0;
    await ask(view, say('x', { max_tokens: 10_000, stream: true }), {
      onData: (response) => {
        goneMs ||= performance.now();
        response.destroy();
      },
    });
    await real.until(({ load }) => load?.running === 0);
    expect(performance.now() - goneMs).toBeLessThan(250);
  });
});

describe('a synchronous backend', () => {
  const sync = { pluginUrl: import.meta.resolve('@smmf/testkit/demo-sync'), engine: 'demo-sync' };

  it('is served like any other engine, with as many threads as it has slots', async () => {
    const real = await createRealHost({}, {}, { ...sync, slots: 2 });
    const view = await real.until(isReady);
    expect(view).toMatchObject({ slots: 2, models: [{ id: 'chat', tasks: expect.arrayContaining(['embeddings']) }] });
    expect((await ask(view, say('a b', { stream: true }))).text).toContain('"content":" b"');
    const embeddings = await ask(view, { input: ['a', 'b'] }, { path: '/v1/embeddings' });
    expect(JSON.parse(embeddings.text).data).toHaveLength(2);
    const rerank = await ask(view, { query: 'cat', documents: ['xyz', 'cat'] }, { path: '/v1/rerank' });
    expect(JSON.parse(rerank.text).results[0].index).toBe(1);
  });

  it('stops within 250 ms when its client goes, and keeps its thread with the loaded model', async () => {
    const real = await createRealHost({ tokenMs: 5 }, { timings: { probeMs: 20 } }, sync);
    const view = await real.until(isReady);
    const thread = async (): Promise<string> =>
      JSON.parse((await ask(view, say('thread'))).text).choices[0].message.content;
    const before = await thread();
    let goneMs = 0;
    await ask(view, say('x', { max_tokens: 100_000, stream: true }), {
      onData: (response) => {
        goneMs ||= performance.now();
        response.destroy();
      },
    });
    await real.until(({ load }) => load?.running === 0);
    expect(performance.now() - goneMs).toBeLessThan(250);
    expect(await thread()).toBe(before);
  });

  it('that cannot be loaded is failed at once with its words', async () => {
    const real = await createRealHost({ failInLoad: 'bad weights' }, {}, sync);
    expect((await real.until(({ state }) => state === 'failed')).reason).toContain('bad weights');
  });
});

describe('kill -9 of an engine process', () => {
  it('is in the registry at once, and the next start answers within 10 s', async () => {
    const real = await createRealHost();
    await real.until(isReady);
    const pid = pidOf(real);
    const killedMs = performance.now();
    process.kill(pid, 'SIGKILL');
    await real.until(({ state }) => state === 'starting', 500);
    expect(real.registry.records.get('demo-1')?.state).toBe('starting');
    const view = await real.until(isReady);
    expect((await ask(view, say('again'))).status).toBe(200);
    expect(performance.now() - killedMs).toBeLessThan(10_000);
    expect(view).toMatchObject({ epoch: 2, starts: 2, crashes: 1 });
    expect(groupMembers(pid)).toEqual([]);
    expect(real.views.map(({ reason }) => reason)).toContain('restarting in 250 ms after signal SIGKILL');
  });

  it.runIf(isLinux)('leaves nothing of its group either', async () => {
    const real = await createRealHost({ helper: true });
    await real.until(isReady);
    const pid = pidOf(real);
    expect(groupMembers(pid)).toHaveLength(2);
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => groupMembers(pid)).toEqual([]);
  });

  it('five times in a row is "down": it is started again, but later', async () => {
    const real = await createRealHost();
    const pids: number[] = [];
    for (let count = 0; count < 5; count++) {
      await real.until(isReady);
      pids.push(pidOf(real));
      process.kill(pidOf(real), 'SIGKILL');
      await real.until(({ state }) => state !== 'ready');
    }
    const { reason } = await real.until(({ state }) => state === 'down');
    expect(reason).toContain('crashes again and again (5 times by now): restarting in 10 s after signal SIGKILL');
    for (const pid of pids) expect(groupMembers(pid)).toEqual([]);
  });
});

describe('an engine that fails', () => {
  it('at a prompt takes down its own process alone; the others answer on', async () => {
    const real = await createRealHost({ crashOn: 'die' });
    const other = await createRealHost({}, {}, { id: 'demo-2' });
    const [view, healthy] = [await real.until(isReady), await other.until(isReady)];
    await expect(ask(view, say('die'))).rejects.toThrow();
    expect((await ask(healthy, say('x'))).status).toBe(200);
    await real.until(({ starts, state }) => starts === 2 && state === 'ready');
  });

  it('in its start for good is failed at once, with its own words', async () => {
    const real = await createRealHost({ failInStart: 'MODEL_LOAD_FAILED' });
    const { reason, starts } = await real.until(({ state }) => state === 'failed');
    expect(reason).toContain('The demo engine was told to fail in its start');
    expect(starts).toBe(1);
  });

  it('with wrong options is failed at once, each fault named', async () => {
    const real = await createRealHost({ tokenMs: 'x', sorce: 1 });
    const { reason } = await real.until(({ state }) => state === 'failed');
    expect(reason).toContain('models.chat.tokenMs');
    expect(reason).toContain('sorce');
  });

  it('by leaving in its start shows the exit code, and in the end its last lines', async () => {
    const real = await createRealHost({ exitInStart: 7 }, { timings: { backOffMs: 1 } });
    const { reason } = await real.until(({ state }) => state === 'down');
    expect(reason).toContain('exit code 7');
    expect(reason).toContain('demo engine: leaving while it starts');
    expect(real.views.map((view) => view.reason)).toContain('restarting in 1 ms after exit code 7');
  });

  it('by hanging in its start is killed at the limit', async () => {
    const real = await createRealHost({ hangInStart: true }, { timings: { startLimitMs: 1_500 } });
    const { reason } = await real.until(({ crashes }) => crashes === 1);
    expect(reason).toContain('it was killed: no progress for 2 s while starting');
  });

  it('by not answering any more is taken out, then killed with its group, then started anew', async () => {
    const timings = { probeMs: 100, probeLimitMs: 100, silentProbes: 5 };
    const real = await createRealHost({ blockOn: 'block' }, { timings });
    const view = await real.until(isReady);
    const pid = pidOf(real);
    const blocked = ask(view, say('block')).catch(() => undefined);
    await real.until(({ state, reason }) => state === 'down' && reason?.includes('does not answer') === true);
    await real.until((later) => isReady(later) && later.starts === 2);
    expect(groupMembers(pid)).toEqual([]);
    await blocked;
  });

  it('to load its plugin is failed at once', async () => {
    const real = await createRealHost({}, {}, { pluginUrl: 'file:///no/such/plugin.js' });
    expect((await real.until(({ state }) => state === 'failed')).reason).toContain('/no/such/plugin.js');
  });
});

describe('leaving', () => {
  it('lets what runs finish, refuses what is new, and leaves nothing behind', async () => {
    const real = await createRealHost({ tokenMs: 30 });
    const view = await real.until(isReady);
    const pid = pidOf(real);
    const words = Array.from({ length: 20 }, (_, index) => `w${index}`).join(' ');
    const began = Promise.withResolvers<void>();
    const running = ask(view, say(words, { stream: true }), { onData: () => began.resolve() });
    await began.promise;
    const closed = real.host.close(10_000);
    await expect.poll(async () => (await ask(view, say('new')).catch(() => ({ status: 0 }))).status).toBe(503);
    const { text, isBroken } = await running;
    expect(isBroken).toBe(false);
    expect(text).toContain('w19');
    expect(text).toMatch(/\[DONE\]\n\n$/);
    await closed;
    expect(groupMembers(pid)).toEqual([]);
    expect(() => statSync(view.address?.socketPath ?? '')).toThrow();
    expect(real.registry.states().slice(-2)).toEqual(['draining', 'gone']);
    expect([...real.registry.records.values()].map(({ state }) => state)).toEqual(['gone']);
  });

  it('cuts at the limit with an error and no [DONE]', async () => {
    const real = await createRealHost({ tokenMs: 20 });
    const view = await real.until(isReady);
    const began = Promise.withResolvers<void>();
    const running = ask(view, say('x', { max_tokens: 10_000, stream: true }), { onData: () => began.resolve() });
    await began.promise;
    const beganMs = performance.now();
    await real.host.close(300);
    expect(performance.now() - beganMs).toBeLessThan(3_000);
    const { text } = await running;
    expect(text).toContain('server_shutting_down');
    expect(text).not.toContain('[DONE]');
  });

  it('is forced on an engine that does not stop', async () => {
    const timings = { stopLimitMs: 300, probeMs: 50, probeLimitMs: 100, silentProbes: 1_000 };
    const real = await createRealHost({ blockOn: 'block', helper: true }, { timings });
    const view = await real.until(isReady);
    const pid = pidOf(real);
    const blocked = ask(view, say('block')).catch(() => undefined);
    await real.until(({ state }) => state === 'down');
    await real.host.close(100);
    expect(groupMembers(pid)).toEqual([]);
    await blocked;
  });

  it('while it starts ends it at once', async () => {
    const real = await createRealHost({ hangInStart: true });
    await expect.poll(() => real.lines.some(({ text }) => text === 'engine process started')).toBe(true);
    await real.host.close(10_000);
    expect(groupMembers(pidOf(real))).toEqual([]);
  });
});

it('restarts on order: drained, stopped, started with the next epoch', async () => {
  const real = await createRealHost({ tokenMs: 20 });
  const view = await real.until(isReady);
  const began = Promise.withResolvers<void>();
  const running = ask(view, say('a b c d e f g h', { stream: true }), { onData: () => began.resolve() });
  await began.promise;
  await real.host.restart(2, 5_000);
  expect((await running).text).toMatch(/\[DONE\]\n\n$/);
  const next = await real.until(isReady);
  expect(next).toMatchObject({ epoch: 2, starts: 2, crashes: 0 });
  expect((await ask(next, say('x'))).status).toBe(200);
});

describe('signals to an engine process', () => {
  it('SIGINT is not its to handle', async () => {
    const real = await createRealHost();
    const view = await real.until(isReady);
    process.kill(pidOf(real), 'SIGINT');
    expect((await ask(view, say('x'))).status).toBe(200);
    expect(real.host.report().starts).toBe(1);
  });

  it('SIGTERM drains it, shows as draining, and the host starts another', async () => {
    const real = await createRealHost({ tokenMs: 20 });
    const view = await real.until(isReady);
    const began = Promise.withResolvers<void>();
    const running = ask(view, say('a b c d e f g h i j', { stream: true }), { onData: () => began.resolve() });
    await began.promise;
    process.kill(pidOf(real), 'SIGTERM');
    // npm passes one signal on twice within a millisecond.
    process.kill(pidOf(real), 'SIGTERM');
    await real.until(({ state }) => state === 'draining');
    expect((await running).text).toMatch(/\[DONE\]\n\n$/);
    expect((await real.until(isReady)).starts).toBe(2);
  });

  it('SIGTERM again after a second ends it at once', async () => {
    const real = await createRealHost({ tokenMs: 20 });
    const view = await real.until(isReady);
    const began = Promise.withResolvers<void>();
    const running = ask(view, say('x', { max_tokens: 10_000, stream: true }), { onData: () => began.resolve() });
    await began.promise;
    const pid = pidOf(real);
    const beganMs = performance.now();
    process.kill(pid, 'SIGTERM');
    await expect
      .poll(
        () => {
          if (performance.now() - beganMs > 1_050 && groupMembers(pid).length > 0) process.kill(pid, 'SIGTERM');
          return real.host.report().starts;
        },
        { timeout: 10_000 },
      )
      .toBe(2);
    expect((await running).isBroken).toBe(true);
  });
});

it.runIf(isLinux)('an engine whose host dies drains for 2 s and is gone, with its socket unused', async () => {
  const script = fileURLToPath(new URL('./host-program.ts', import.meta.url));
  const flags = ['--conditions=smmf-source', '--disable-warning=ExperimentalWarning'];
  const parent: ChildProcess = spawn(process.execPath, [...flags, script], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void parent.kill('SIGKILL'));
  if (!parent.stdout) throw new Error('no output');
  const [line] = await once(createInterface(parent.stdout), 'line');
  const { pid, socketPath } = JSON.parse(String(line));
  expect(groupMembers(pid)).toEqual([pid]);
  const view = { address: { url: 'http://localhost/v1', socketPath } } as Parameters<typeof ask>[0];
  const began = Promise.withResolvers<void>();
  const running = ask(view, say('x', { max_tokens: 10_000, stream: true }), { onData: () => began.resolve() });
  await began.promise;
  const killedMs = performance.now();
  parent.kill('SIGKILL');
  await expect.poll(() => groupMembers(pid), { timeout: 5_000 }).toEqual([]);
  expect(performance.now() - killedMs).toBeGreaterThan(1_900);
  expect((await running).text).toContain('server_shutting_down');
});

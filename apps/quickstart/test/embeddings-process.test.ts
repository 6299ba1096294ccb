import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { folder, known } from './embeddings-model.ts';

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** The engine's process alone, without the host that would hide how it ends. */
async function startEngine(): Promise<{ child: ChildProcess; url: string; output: () => string }> {
  const main = fileURLToPath(import.meta.resolve('@smmf/worker/engine'));
  const flags = ['--conditions=smmf-source', '--disable-warning=ExperimentalWarning'];
  const child = spawn(process.execPath, [...flags, main], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  children.push(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (piece) => (text += piece));
  const up = new Promise<string>((resolve, reject) => {
    child.on('message', (message: { type: string; url?: string; fault?: { message: string } }) => {
      if (message.type === 'up') resolve(message.url ?? '');
      if (message.type === 'failed') reject(new Error(message.fault?.message));
    });
  });
  const pluginUrl = import.meta.resolve('@smmf/embeddings');
  const options = { source: folder, threads: 2, batchWait: '0ms' };
  const listen = { port: 0 };
  // The file of the model is where it is.
  child.on('message', ({ type, id, source }: { type: string; id: number; source: string }) => {
    if (type === 'fetch') child.send({ type: 'file', id, path: source });
  });
  child.send({ type: 'start', instanceId: 'e-0', model: 'minilm', pluginUrl, options, listen });
  return { child, url: await up, output: () => text };
}

async function embed(url: string, input: readonly string[], signal: AbortSignal): Promise<number> {
  const body = JSON.stringify({ model: 'minilm', input });
  const headers = { 'content-type': 'application/json' };
  const reply = await fetch(`${url}/v1/embeddings`, { method: 'POST', headers, body, signal });
  return ((await reply.json()) as { data: unknown[] }).data.length;
}

async function running(url: string): Promise<number> {
  const { load } = (await (await fetch(`${url}/healthz`)).json()) as { load: { running: number } };
  return load.running;
}

const texts = known.map(({ text }) => text);

describe.skipIf(!folder)('the process of embeddings, told to end while native code works in its threads', () => {
  it.each(['SIGTERM', 'stop'])('by %s, with a batch that nobody waits for, ends with code 0', async (how) => {
    for (let round = 0; round < 3; round++) {
      const { child, url, output } = await startEngine();
      const controller = new AbortController();
      const cancelled = embed(url, texts, controller.signal).catch(() => 'cancelled');
      await expect.poll(() => running(url), { interval: 2, timeout: 10_000 }).toBe(2);
      controller.abort();
      expect(await cancelled).toBe('cancelled');
      const ended = once(child, 'exit');
      if (how === 'SIGTERM') child.kill('SIGTERM');
      else child.send({ type: 'stop' });
      expect([await ended, output()]).toEqual([[0, null], '']);
    }
  });

  it('by SIGTERM answers what has begun', async () => {
    const { child, url, output } = await startEngine();
    const answers = [texts, texts.slice(0, 3), texts.slice(3, 20)].map((some) =>
      embed(url, some, new AbortController().signal),
    );
    await expect.poll(() => running(url), { interval: 2, timeout: 10_000 }).toBe(2);
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await Promise.all(answers)).toEqual([100, 3, 17]);
    expect([await ended, output()]).toEqual([[0, null], '']);
  });
});

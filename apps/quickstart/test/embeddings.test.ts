import { spawnSync } from 'node:child_process';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom, distance, folder, type Known, known } from './embeddings-model.ts';
import { engineOf } from './processes.ts';
import { type Running, startSmmf, stop, writeConfig } from './run-smmf.ts';

interface Reply {
  readonly data: readonly { readonly index: number; readonly embedding: readonly number[] }[];
  readonly usage: { readonly prompt_tokens: number };
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Reply & {
    readonly error?: { readonly code: string; readonly param: string; readonly message: string };
  };
}

async function embed(
  { url }: Running,
  input: unknown,
  more: object = {},
  signal: AbortSignal | null = null,
): Promise<Answer> {
  const body = JSON.stringify({ model: 'minilm', input, ...more });
  const headers = { 'content-type': 'application/json' };
  const reply = await fetch(`${url}/v1/embeddings`, { method: 'POST', headers, body, signal });
  return { status: reply.status, headers: reply.headers, body: (await reply.json()) as Answer['body'] };
}

const vectorsOf = ({ body }: Answer) => body.data.map(({ embedding }) => embedding);

function configOf(more = ''): ReturnType<typeof writeConfig> {
  return writeConfig(`  minilm:\n    engine: embeddings\n    source: ${folder}\n    threads: 2\n${more}`);
}

describe.skipIf(!folder)('embeddings over HTTP', () => {
  let running: Running;
  let config: ReturnType<typeof writeConfig>;
  beforeAll(async () => {
    config = configOf();
    running = await startSmmf(config.file);
    // While the engine starts, requests wait.
    expect((await embed(running, 'x')).status).toBe(200);
  });
  afterAll(async () => {
    await stop(running);
    config.remove();
  });

  it('are the known ones, with requests of all sizes at once', async () => {
    const random = createRandom(7);
    const parts: Known[][] = [];
    for (let at = 0; at < known.length; ) {
      const size = 1 + Math.floor(random() * 7);
      parts.push(known.slice(at, at + size));
      at += size;
    }
    const answers = await Promise.all(
      parts.map((part) =>
        embed(
          running,
          part.map(({ text }) => text),
        ),
      ),
    );
    for (const [at, part] of parts.entries()) {
      const answer = answers[at] ?? expect.fail('no answer');
      expect(distance(vectorsOf(answer), part)).toBeLessThan(1e-4);
      const cut = part.filter(({ tokens }) => tokens > 256).length;
      expect(answer.headers.get('x-smmf-truncated')).toBe(cut === 0 ? null : String(cut));
      const tokens = part.reduce((sum, one) => sum + Math.min(one.tokens, 256), 0);
      expect(answer.body.usage.prompt_tokens).toBe(tokens);
    }
  });

  it('are the same as base64 and as numbers, and the openai SDK reads both', async () => {
    const client = new OpenAI({ baseURL: `${running.url}/v1`, apiKey: 'none' });
    const input = known.slice(0, 5).map(({ text }) => text);
    const usual = await client.embeddings.create({ model: 'minilm', input });
    const floats = await client.embeddings.create({ model: 'minilm', input, encoding_format: 'float' });
    expect(
      distance(
        usual.data.map(({ embedding }) => embedding),
        known.slice(0, 5),
      ),
    ).toBeLessThan(1e-4);
    expect(usual.data).toEqual(floats.data);
  });

  it('are read by the Python SDK, asked for either way', ({ skip }) => {
    const python = process.env.SMMF_TEST_PYTHON ?? 'python3';
    if (spawnSync(python, ['-c', 'import openai']).status !== 0) skip(`${python} has no package "openai"`);
    const { text = '', vector = [] } = known[4] ?? {};
    const program = `
import json, sys
from openai import OpenAI
client = OpenAI(base_url=sys.argv[1], api_key="none", max_retries=0)
ask = lambda **more: client.embeddings.create(model="minilm", input=[sys.argv[2]], **more).data[0].embedding
print(json.dumps([ask(), ask(encoding_format="float")]))
`;
    const { stdout, stderr } = spawnSync(python, ['-c', program, `${running.url}/v1`, text], { encoding: 'utf8' });
    expect(stderr).toBe('');
    for (const read of JSON.parse(stdout) as number[][])
      expect(distance([read], [{ text, tokens: 0, vector }])).toBeLessThan(1e-4);
  });

  it('are given for 2,048 texts, and one more is refused; a single text need not wait for all of them', {
    timeout: 120_000,
  }, async () => {
    const many = Array.from({ length: 2_048 }, (_, at) => `text number ${at}`);
    let manyEnded = false;
    const all = embed(running, many).finally(() => {
      manyEnded = true;
    });
    const single = await embed(running, known[0]?.text);
    expect(manyEnded).toBe(false);
    expect(distance(vectorsOf(single), known.slice(0, 1))).toBeLessThan(1e-4);
    expect((await all).body.data).toHaveLength(2_048);
    const refused = await embed(running, [...many, 'one more']);
    expect([refused.status, refused.body.error?.param]).toEqual([400, 'input']);
  });

  it('are given or refused by name for what is empty, over-long or no token', async () => {
    expect((await embed(running, '')).body.data).toHaveLength(1);
    expect((await embed(running, [])).status).toBe(400);
    expect((await embed(running, [101, 7592, 102])).status).toBe(200);
    const strange = await embed(running, [[101], [99_999]]);
    expect([strange.status, strange.body.error?.param]).toEqual([400, 'input[1]']);
    const long = await embed(running, 'word '.repeat(20_000));
    expect([long.status, long.headers.get('x-smmf-truncated')]).toEqual([200, '1']);
    const short = await embed(running, 'x', { dimensions: 8 });
    expect(short.body.data[0]?.embedding).toHaveLength(8);
    expect((await embed(running, 'x', { dimensions: 1_000 })).body.error?.param).toBe('dimensions');
  });
});

describe.skipIf(!folder)('embeddings under load', () => {
  /** What is wrong with an answer of these texts; undefined where nothing is. */
  function wrongOf(answer: Answer, texts: readonly Known[]): string | undefined {
    if (answer.status !== 200) return `${answer.status} ${answer.body.error?.message}`;
    return distance(vectorsOf(answer), texts) < 1e-4 ? undefined : `wrong vectors of ${texts.length} texts`;
  }

  const textsOf = (texts: readonly Known[]): string[] => texts.map(({ text }) => text);

  /** Sends until told to stop; how many were answered rightly, how many refused as they may be, and what else came. */
  function load(
    running: Running,
    { clients, model, mayRefuse = [] }: { clients: number; model: string; mayRefuse?: readonly number[] },
  ) {
    let isOver = false;
    const seen = { right: 0, refused: 0, wrong: [] as string[] };
    const client = async (index: number): Promise<void> => {
      for (let at = index; !isOver; at++) {
        const one = known[at % known.length] ?? expect.fail('no text');
        const answer = await embed(running, [one.text], { model }).catch((error: Error) => error);
        const wrong = answer instanceof Error ? String(answer.cause ?? answer) : wrongOf(answer, [one]);
        if (wrong === undefined) seen.right++;
        else if (!(answer instanceof Error) && mayRefuse.includes(answer.status)) seen.refused++;
        else seen.wrong.push(wrong);
      }
    };
    const all = Promise.all(Array.from({ length: clients }, (_, index) => client(index * 17)));
    const end = async (): Promise<typeof seen> => {
      isOver = true;
      await all;
      return seen;
    };
    return { seen, end };
  }

  async function start(more = '') {
    const config = configOf(more);
    const running = await startSmmf(config.file);
    // While the engine starts, requests wait.
    expect((await embed(running, 'x')).status).toBe(200);
    return { running, config };
  }

  /** A request that its caller leaves within 60 ms, or gets right: `cancelled`, `answered`, or what is wrong. */
  async function leave(running: Running, random: () => number): Promise<string> {
    const controller = new AbortController();
    const texts = known.slice(0, 1 + Math.floor(random() * 12));
    const answer = embed(running, textsOf(texts), {}, controller.signal).then(
      (answered) => wrongOf(answered, texts) ?? 'answered',
      (error: Error) => (controller.signal.aborted && error.name === 'AbortError' ? 'cancelled' : String(error)),
    );
    setTimeout(() => controller.abort(), random() * 60);
    return answer;
  }

  it('survive 200 cancels, 5 restarts and SIGTERM without a lost answer, and end with code 0', {
    timeout: 240_000,
  }, async () => {
    // Two, so that one serves while the other starts again.
    const { running, config } = await start('    replicas: 2\n');
    await expect.poll(async () => (await instanceOf(running, 'minilm-1')).state, { timeout: 30_000 }).toBe('ready');
    const random = createRandom(11);
    const others = load(running, { clients: 4, model: 'minilm' });
    const outcomes: string[] = [];
    for (let round = 0; round < 5; round++) {
      const id = `minilm-${round % 2}`;
      const { epoch } = await instanceOf(running, id);
      const restart = await fetch(`${running.adminUrl}/admin/v1/instances/${id}/restart`, { method: 'POST' });
      expect(restart.status).toBeLessThan(300);
      for (let wave = 0; wave < 5; wave++)
        outcomes.push(...(await Promise.all(Array.from({ length: 8 }, () => leave(running, random)))));
      const isAgain = async (): Promise<boolean> => {
        const now = await instanceOf(running, id);
        return now.epoch > epoch && now.state === 'ready';
      };
      await expect.poll(isAgain, { timeout: 20_000, interval: 20 }).toBe(true);
    }
    const cancelled = outcomes.filter((outcome) => outcome === 'cancelled').length;
    expect(outcomes).toHaveLength(200);
    expect(outcomes.filter((outcome) => outcome !== 'cancelled' && outcome !== 'answered')).toEqual([]);
    expect(cancelled).toBeGreaterThan(50);
    const { right, wrong } = await others.end();
    console.log(`${right} answers beside ${cancelled} cancels and 5 restarts`);
    expect(wrong).toEqual([]);
    expect(right).toBeGreaterThan(50);
    const parts = [known, known.slice(0, 3), known.slice(3, 20), known.slice(20, 60)];
    const last = parts.map((part) => embed(running, textsOf(part)));
    await expect.poll(() => inFlight(running), { interval: 2, timeout: 10_000 }).toBeGreaterThan(1);
    running.child.kill('SIGTERM');
    const answers = await Promise.all(last);
    expect(answers.map((answer, at) => wrongOf(answer, parts[at] ?? []))).toEqual(parts.map(() => undefined));
    expect(await running.ended).toBe(0);
    expect(running.output()).not.toMatch(/SIGABRT|terminate called|core dumped/);
    config.remove();
  });

  interface Shown {
    readonly id: string;
    readonly epoch: number;
    readonly state: string;
  }

  async function inFlight({ url }: Running): Promise<number> {
    const metrics = await (await fetch(`${url}/metrics`)).text();
    return Number(/^smmf_requests_in_flight\{.*\} (\d+)$/m.exec(metrics)?.[1] ?? 0);
  }

  async function instancesOf({ adminUrl }: Running): Promise<readonly Shown[]> {
    return ((await (await fetch(`${adminUrl}/admin/v1/instances`)).json()) as { data: Shown[] }).data;
  }

  async function instanceOf(running: Running, id: string): Promise<Shown> {
    return (await instancesOf(running)).find((one) => one.id === id) ?? expect.fail(`no instance ${id}`);
  }

  /** Kills one engine's process; whose it was, and when that was ready again, milliseconds. */
  async function killOne(running: Running): Promise<{ id: string; readyMs: number }> {
    const epochs = async () => new Map((await instancesOf(running)).map(({ id, epoch }) => [id, epoch]));
    const before = await epochs();
    const newIds = async () =>
      [...(await epochs())].flatMap(([id, epoch]) => (epoch > (before.get(id) ?? 0) ? [id] : []));
    process.kill(engineOf(running.child.pid ?? 0), 'SIGKILL');
    const killedMs = performance.now();
    await expect.poll(newIds, { timeout: 20_000, interval: 20 }).toHaveLength(1);
    const [id = ''] = await newIds();
    const state = async () => (await instanceOf(running, id)).state;
    await expect.poll(state, { timeout: 20_000, interval: 20 }).toBe('ready');
    return { id, readyMs: performance.now() - killedMs };
  }

  it('are served again within 5 s of a kill -9 of their process, and those of another one meanwhile', {
    timeout: 120_000,
  }, async () => {
    const { running, config } = await start(`  other:\n    engine: embeddings\n    source: ${folder}\n`);
    expect((await embed(running, 'x', { model: 'other' })).status).toBe(200);
    const loads = ['minilm', 'other'].map((model) => load(running, { clients: 1, model, mayRefuse: [502, 503] }));
    await expect.poll(() => Math.min(...loads.map(({ seen }) => seen.right)), { timeout: 20_000 }).toBeGreaterThan(5);
    const { id, readyMs } = await killOne(running);
    const [killed, survivor] = id.startsWith('minilm') ? loads : loads.toReversed();
    const after = (killed?.seen.right ?? 0) + 5;
    await expect.poll(() => killed?.seen.right, { timeout: 20_000 }).toBeGreaterThan(after);
    const seen = [await killed?.end(), await survivor?.end()];
    console.log(
      `ready again ${Math.round(readyMs)} ms after kill -9; ${seen[0]?.refused} refused, ${seen[1]?.right} answered by the other`,
    );
    expect(seen.map((one) => one?.wrong)).toEqual([[], []]);
    expect(seen[1]?.refused).toBe(0);
    expect(readyMs).toBeLessThan(5_000);
    await stop(running);
    config.remove();
  });
});

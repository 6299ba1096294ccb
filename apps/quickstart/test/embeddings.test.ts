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
  /** Sends until told to stop; how many were answered rightly, and what else came. */
  function load(running: Running, { clients, allow }: { clients: number; allow: (status: number) => boolean }) {
    let isOver = false;
    const seen = { right: 0, wrong: [] as string[] };
    const client = async (index: number): Promise<void> => {
      for (let at = index; !isOver; at++) {
        const one = known[at % known.length] ?? expect.fail('no text');
        const answer = await embed(running, [one.text]).catch((error: Error) => error);
        if (answer instanceof Error) seen.wrong.push(String(answer.cause ?? answer));
        else if (answer.status !== 200 && !allow(answer.status))
          seen.wrong.push(`${answer.status} ${answer.body.error?.message}`);
        else if (answer.status === 200 && distance(vectorsOf(answer), [one]) < 1e-4) seen.right++;
        else if (answer.status === 200) seen.wrong.push(`wrong vector of ${at % known.length}`);
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

  it('survive 200 cancels, 5 restarts and SIGTERM without a lost answer, and end with code 0', {
    timeout: 240_000,
  }, async () => {
    // Two, so that one serves while the other starts again.
    const { running, config } = await start('    replicas: 2\n');
    await expect.poll(async () => (await instanceOf(running, 'minilm-1')).state, { timeout: 30_000 }).toBe('ready');
    const random = createRandom(11);
    const others = load(running, { clients: 4, allow: () => false });
    const cancel = async (): Promise<void> => {
      const controller = new AbortController();
      const texts = known.slice(0, 1 + Math.floor(random() * 12)).map(({ text }) => text);
      const answer = embed(running, texts, {}, controller.signal).then(
        () => 'answered',
        () => 'cancelled',
      );
      setTimeout(() => controller.abort(), random() * 60);
      outcomes.push(await answer);
    };
    const outcomes: string[] = [];
    for (let round = 0; round < 5; round++) {
      for (let wave = 0; wave < 5; wave++) await Promise.all(Array.from({ length: 8 }, cancel));
      const id = `minilm-${round % 2}`;
      const { epoch } = await instanceOf(running, id);
      const restart = await fetch(`${running.adminUrl}/admin/v1/instances/${id}/restart`, { method: 'POST' });
      expect(restart.status).toBeLessThan(300);
      const isAgain = async (): Promise<boolean> => {
        const now = await instanceOf(running, id);
        return now.epoch > epoch && now.state === 'ready';
      };
      await expect.poll(isAgain, { timeout: 20_000, interval: 20 }).toBe(true);
    }
    expect(outcomes).toHaveLength(200);
    expect(outcomes.filter((outcome) => outcome === 'cancelled').length).toBeGreaterThan(50);
    const batch = embed(
      running,
      known.map(({ text }) => text),
    );
    const { right, wrong } = await others.end();
    console.log(
      `${right} answers beside ${outcomes.filter((outcome) => outcome === 'cancelled').length} cancels and 5 restarts`,
    );
    expect(wrong).toEqual([]);
    expect(right).toBeGreaterThan(50);
    running.child.kill('SIGTERM');
    expect(distance(vectorsOf(await batch), known)).toBeLessThan(1e-4);
    expect(await running.ended).toBe(0);
    expect(running.output()).not.toMatch(/SIGABRT|terminate called|core dumped/);
    config.remove();
  });

  async function instanceOf({ adminUrl }: Running, id: string): Promise<{ epoch: number; state: string }> {
    const { data } = (await (await fetch(`${adminUrl}/admin/v1/instances`)).json()) as {
      data: { id: string; epoch: number; state: string }[];
    };
    return data.find((one) => one.id === id) ?? expect.fail(`no instance ${id}`);
  }

  it('are served again within 5 s of a kill -9 of their process', { timeout: 120_000 }, async () => {
    const { running, config } = await start();
    const others = load(running, { clients: 2, allow: (status) => status === 502 || status === 503 });
    await expect.poll(() => others.seen.right, { timeout: 20_000 }).toBeGreaterThan(5);
    process.kill(engineOf(running.child.pid ?? 0), 'SIGKILL');
    const killedMs = performance.now();
    await expect.poll(async () => (await embed(running, 'x')).status, { timeout: 20_000, interval: 20 }).toBe(200);
    const readyMs = performance.now() - killedMs;
    console.log(`served again ${Math.round(readyMs)} ms after kill -9`);
    expect(readyMs).toBeLessThan(5_000);
    expect((await others.end()).wrong).toEqual([]);
    await stop(running);
    config.remove();
  });
});

import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { createSmmf, type Smmf } from '../../src/index.ts';
import { controllerUrl, createCluster, ENGINE, PATIENT } from '../small-cluster.ts';

const SLOTS = 8;
const SERVERS = 4;
const RUN_MS = 2_500;
const SETTLE_MS = 1_000;
const WORDS = 'one two three four five six';
const QUESTION = { model: 'demo', messages: [{ role: 'user' as const, content: WORDS }] };

/** Asks once; false for a refusal. */
type Ask = () => Promise<boolean>;

/** Keeps `streams` requests running for a while. @returns how many were answered, and how many were refused */
async function load(ask: Ask, streams: number, endMs: number) {
  let answered = 0;
  let refused = 0;
  const one = async (): Promise<void> => {
    while (performance.now() < endMs) {
      if (await ask()) answered++;
      else refused++;
    }
  };
  await Promise.all(Array.from({ length: streams }, one));
  return { answered, refused };
}

/** Answers of `asks` together, each with so many requests at once. */
async function measure(asks: readonly Ask[], loads: readonly number[]): Promise<number> {
  // What was refused in the round before counts no longer.
  await delay(SETTLE_MS);
  const endMs = performance.now() + RUN_MS;
  const done = await Promise.all(asks.map((ask, index) => load(ask, loads[index] ?? 0, endMs)));
  expect(done.reduce((sum, { refused }) => sum + refused, 0)).toBe(0);
  return done.reduce((sum, { answered }) => sum + answered, 0);
}

/** The better of two rounds: other work on the machine takes from one and not from the other. */
const best = async (asks: readonly Ask[], loads: readonly number[]): Promise<number> =>
  Math.max(await measure(asks, loads), await measure(asks, loads));

/** A cluster with one engine of hard slots. */
async function startEngine(ports: string) {
  const { start, shared, folder } = createCluster();
  const controller = await start('controller', 'c', {
    ...{ controller: { port: 0 }, admin: { port: 0 } },
    models: { demo: { engine: ENGINE, tokenMs: 10, slots: SLOTS, timeouts: { queue: '20s' } } },
  });
  const join = controllerUrl(controller);
  await start('worker', 'w', { join, worker: { id: 'w', ports } });
  return { start, shared, folder, join };
}

it('four API servers at three times the load of an engine with hard slots get as much out of it as one, however the load is spread', async () => {
  const { shared, folder, join } = await startEngine('22101-22120');
  const members: Smmf[] = [];
  onTestFinished(async () => {
    for (const member of members) await member.close(0);
  });
  const joined = async (): Promise<Ask> => {
    const member = await createSmmf({ ...shared, join }, { baseDir: folder });
    members.push(member);
    await member.ready(AbortSignal.timeout(20_000));
    return () =>
      member.chat(QUESTION).then(
        () => true,
        () => false,
      );
  };
  const asks = [await joined()];
  await measure(asks, [3 * SLOTS]);
  const alone = await measure(asks, [3 * SLOTS]);
  for (let count = 1; count < SERVERS; count++) asks.push(await joined());
  const quarter = Array.from({ length: SERVERS }, () => (3 * SLOTS) / SERVERS);
  const spread = await best(asks, quarter);
  const two = await best(asks, [1.5 * SLOTS, 1.5 * SLOTS, 0, 0]);
  const lopsided = await best(asks, [3 * SLOTS, 0, 0, 0]);
  console.log(`answers: ${alone} by one, ${spread} by four, ${two} by two of four, ${lopsided} by one of four`);
  expect(spread / alone).toBeGreaterThanOrEqual(0.9);
  expect(two / alone).toBeGreaterThanOrEqual(0.9);
  expect(lopsided / alone).toBeGreaterThanOrEqual(0.9);
}, 90_000);

/** Asks over HTTP, each request on a connection of its own, so that all processes of the server get some. */
function askOver(url: string): Ask {
  const body = JSON.stringify(QUESTION);
  const headers = { 'content-type': 'application/json', 'content-length': body.length };
  return () =>
    new Promise((resolve) => {
      const agent = new Agent();
      const sent = request(`${url}/v1/chat/completions`, { method: 'POST', headers, agent }, (answer) => {
        answer.resume().once('end', () => resolve(answer.statusCode === 200));
      });
      sent.once('error', () => resolve(false));
      sent.end(body);
    });
}

it('two API servers of two processes each get as much out of it as one process', async () => {
  const { start, join } = await startEngine('22441-22460');
  const serve = async (name: string, processes: number) => {
    const server = await start('apiserver', name, { join, server: { port: 0, processes } });
    const { url = '' } = server.listening['OpenAI API'] ?? {};
    await expect.poll(async () => (await fetch(`${url}/readyz`)).status, PATIENT).toBe(200);
    return { server, ask: askOver(url) };
  };
  const one = await serve('one', 1);
  await measure([one.ask], [3 * SLOTS]);
  const alone = await best([one.ask], [3 * SLOTS]);
  await one.server.close(0);
  const asks = [(await serve('first', 2)).ask, (await serve('second', 2)).ask];
  await measure(asks, [1.5 * SLOTS, 1.5 * SLOTS]);
  const spread = await best(asks, [1.5 * SLOTS, 1.5 * SLOTS]);
  console.log(`answers: ${alone} by one process, ${spread} by two of two`);
  expect(spread / alone).toBeGreaterThanOrEqual(0.9);
}, 120_000);

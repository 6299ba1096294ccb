import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chatChunks, chatReply, eventOf } from './chat-answers.ts';
import type { Dialect, Json } from './dialect.ts';
import { type Gateway, openGateway, post } from './gateway.ts';
import { type Malformed, malformed, type RightAnswers } from './malform.ts';
import { type Reading, readReply } from './reading.ts';
import { saidIn, textOf } from './said.ts';
import { readStream } from './stream-reading.ts';
import { testedVendors } from './vendor-list.ts';

const COUNT = 200;
const SEED = 20_261_125;
const LIMIT_MS = 2_000;
const LANES = 4;
const TIMEOUTS = { queue: '20ms', firstToken: '1s', interToken: '1s', total: '1s' };

function rightAnswers(dialect: Dialect): RightAnswers {
  const body = { model: dialect.models.chat, messages: [], stream_options: { include_usage: true } };
  const events = [...chatChunks(dialect, saidIn('chat'), body), '[DONE]'].map((json) => eventOf(json, dialect));
  return { whole: JSON.stringify(chatReply(dialect, saidIn('chat'), body)), events };
}

/** Which of the answers a request asks for: its number is its message. */
const numberOf = ({ messages }: Json): number => Number(textOf((messages as readonly Json[])[0]?.content));

/** What of an ending a client could take for an answer, or could not read. Undefined: it is as it should be. */
function complaint(reading: Reading, said: string): string | undefined {
  const { status, error, faults, isDone, text } = reading;
  if (faults.length > 0) return `${status} with ${faults.join(', ')}`;
  if (error) {
    if (typeof error.message !== 'string' || typeof error.code !== 'string')
      return 'an error that is not as OpenAI has it';
    if (status === 401 || status === 403) return `the vendor's ${status} reached the caller`;
    return isDone && status === 200 ? '[DONE] after an error' : undefined;
  }
  if (status !== 200) return `${status} without an error`;
  if (!isDone) return 'a stream without end or error';
  return text === said ? undefined : `200 with ${JSON.stringify(text)}`;
}

async function ask(url: string, number: number, isStreamed: boolean): Promise<Reading> {
  const messages = [{ role: 'user', content: String(number) }];
  const response = await post(url, '/chat/completions', { model: `m${number % 20}`, messages, stream: isStreamed });
  return isStreamed ? readStream(response, readReply) : readReply(response);
}

const vendors = await testedVendors();

/** Asks a few at a time: what is measured is an answer, and not the crowd before it. Those that wait for a timer do so all at once. */
async function askAll<T>(answers: readonly Malformed[], one: (number: number) => Promise<T>): Promise<T[]> {
  const numbers = [...answers.keys()];
  const isWaiting = (number: number): boolean => answers[number]?.answer.after === 'hang';
  const waiting = Promise.all(numbers.filter(isWaiting).map(one));
  const others = numbers.filter((number) => !isWaiting(number));
  const lanes = Array.from({ length: LANES }, async () => {
    const done: T[] = [];
    for (let number = others.shift(); number !== undefined; number = others.shift()) done.push(await one(number));
    return done;
  });
  return (await Promise.all([waiting, ...lanes])).flat();
}

describe.each(vendors)('malformed answers of $name', ({ dialect }) => {
  const answers: readonly Malformed[] = malformed(rightAnswers(dialect), SEED, COUNT);
  let gateway: Gateway;
  beforeAll(async () => {
    const models = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`m${at}`, { timeouts: TIMEOUTS }]));
    gateway = await openGateway(dialect, models);
    gateway.vendor.script(({ method, json }) => (method === 'POST' ? answers[numberOf(json)]?.answer : undefined));
  });
  afterAll(() => gateway.close());

  it(`end as errors, ${COUNT} of them, each within ${LIMIT_MS} ms`, async () => {
    const said = saidIn('chat').text ?? '';
    const ends = await askAll(answers, async (number) => {
      const { how, isStreamed } = answers[number] as Malformed;
      const startedMs = performance.now();
      const reading = await ask(gateway.url, number, isStreamed);
      const tookMs = performance.now() - startedMs;
      return {
        how,
        number,
        tookMs,
        complaint: complaint(reading, said),
        isWhole: reading.status === 200 && !reading.error,
      };
    });
    expect(ends.filter(({ complaint: found }) => found !== undefined)).toEqual([]);
    expect(ends.filter(({ tookMs }) => tookMs > LIMIT_MS)).toEqual([]);
    // A mutation may spare what matters, but not often: the answers are malformed.
    expect(ends.filter(({ isWhole }) => isWhole).length).toBeLessThan(COUNT / 20);
  });
});

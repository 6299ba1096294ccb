import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { isSmmfError } from '@smmf/core';
import type { GenerationEvent } from '@smmf/protocol';
import { type Answer, assertFinished, chat, type EngineSubject, read, ruleFor } from './engine-subject.ts';
import type { Rule } from './suite.ts';

/** Codes with which an engine refuses a field that it does not serve. */
const REFUSALS: readonly string[] = ['UNSUPPORTED_PARAMETER', 'INVALID_VALUE', 'INVALID_REQUEST'];
const PROMPTS = ['the sea', 'a mountain', 'the night train'];

/** An answer, or undefined where the engine refused a field of the request. */
async function unlessRefused(stream: AsyncIterable<GenerationEvent>): Promise<Answer | undefined> {
  try {
    return await read(stream);
  } catch (error) {
    if (isSmmfError(error) && REFUSALS.includes(error.code)) return undefined;
    throw error;
  }
}

const wordsOf = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

/** What an answer is made of. */
const shape: readonly Rule<EngineSubject>[] = [
  ruleFor('chat', 'answers a chat with text', async (worker, subject) => {
    const { text } = await read(chat(worker, subject));
    assert.notEqual(text, '', 'no text at all');
  }),
  ruleFor('chat', 'ends the choice with exactly one finish, and nothing of it comes after', async (worker, subject) => {
    const { events } = await read(chat(worker, subject));
    const own = events.filter((event) => 'choice' in event && event.choice === 0);
    assert.equal(own.filter(({ type }) => type === 'finish').length, 1, 'the choice must finish exactly once');
    assert.equal(own.at(-1)?.type, 'finish', 'something of the choice comes after its finish');
  }),
  ruleFor('chat', 'reports usage exactly once', async (worker, subject) => {
    const { events } = await read(chat(worker, subject));
    assert.equal(events.filter(({ type }) => type === 'usage').length, 1);
  }),
  ruleFor('chat', 'reports a usage whose numbers add up', async (worker, subject) => {
    const { usage, text } = await read(chat(worker, subject));
    assert.ok(usage, 'no usage');
    assert.ok(usage.prompt_tokens > 0, 'a prompt has tokens');
    assert.equal(usage.prompt_tokens + (usage.completion_tokens ?? 0), usage.total_tokens);
    assert.ok((usage.completion_tokens ?? 0) > 0 || text === '', 'text came, and no token of it is counted');
  }),
];

/** What a request may ask for. */
const fields: readonly Rule<EngineSubject>[] = [
  ruleFor('chat', 'writes no more than max_tokens', async (worker, subject) => {
    const short = await read(chat(worker, subject, { max_tokens: 2 }));
    const long = await read(chat(worker, subject));
    const count = short.usage?.completion_tokens ?? 0;
    assert.ok(count <= 2, `${count} tokens came where max_tokens is 2`);
    if (long.text === '') return 'it answers no text';
    // A count may be made up; the words are there to see.
    const isShort = wordsOf(long.text).length <= 2 && (long.usage?.completion_tokens ?? 0) <= 2;
    if (isShort) return 'its answers have two tokens at most';
    assert.ok(short.text.length < long.text.length, 'as much text came for max_tokens 2 as for 16');
  }),
  ruleFor('chat', 'says "length" when max_tokens ended the answer', async (worker, subject) => {
    const { usage, reason } = await read(chat(worker, subject, { max_tokens: 2 }));
    if (usage?.completion_tokens !== 2) return 'its answers have fewer than two tokens';
    assert.equal(reason, 'length');
  }),
  ruleFor('chat', 'takes fields that it does not know', async (worker, subject) => {
    assertFinished(await read(chat(worker, subject, { x_unknown_field: { a: [1] } })));
  }),
  ruleFor('chat', 'gives as many choices as n asks for, or refuses n', async (worker, subject) => {
    const answer = await unlessRefused(chat(worker, subject, { n: 2, max_tokens: 4 }));
    if (!answer) return;
    const finished = answer.events.flatMap((event) => (event.type === 'finish' ? [event.choice] : []));
    assert.deepEqual([...new Set(finished)].sort(), [0, 1], 'these choices of n = 2 have a finish');
  }),
  ruleFor('chat', 'ends before a stop text, or refuses stop', async (worker, subject) => {
    const { text: whole } = await read(chat(worker, subject));
    const words = wordsOf(whole);
    const stop = words[Math.floor(words.length / 2)];
    if (words.length < 2 || !stop) return 'its answer has fewer than two words';
    const answer = await unlessRefused(chat(worker, subject, { stop: [stop] }));
    if (!answer) return;
    assert.ok(!answer.text.includes(stop), `the stop text ${JSON.stringify(stop)} is in the answer`);
    if (whole.startsWith(answer.text) && answer.text !== whole) assert.equal(answer.reason, 'stop');
  }),
];

/** More than one call, and readers of all kinds. */
const load: readonly Rule<EngineSubject>[] = [
  ruleFor('chat', 'serves eight calls at once', async (worker, subject) => {
    const calls = Array.from({ length: 8 }, () => read(chat(worker, subject, { max_tokens: 4 })));
    for (const answer of await Promise.all(calls)) assertFinished(answer);
  }),
  ruleFor('chat', 'keeps the answers of calls that run at once apart', async (worker, subject) => {
    const ask = (content: string) => {
      const messages = [{ role: 'user' as const, content: `Say a few words about ${content}.` }];
      return read(chat(worker, subject, { messages, max_tokens: 4 }));
    };
    const alone: Answer[] = [];
    for (const prompt of PROMPTS) alone.push(await ask(prompt));
    const atOnce = await Promise.all(PROMPTS.map(ask));
    const wrong = atOnce.filter(({ text }, index) => text !== alone[index]?.text);
    // One may differ: computed together, two tokens that are nearly equal may change places.
    assert.ok(wrong.length <= 1, `${wrong.length} of ${PROMPTS.length} answers are not what the same prompt got alone`);
    if (new Set(alone.map(({ text }) => text)).size === 1) return 'every prompt gets the same text';
  }),
  ruleFor('chat', 'waits for a slow reader and loses no text', async (worker, subject) => {
    const slowly = (index: number): Promise<void> | undefined => (index <= 10 ? delay(20) : undefined);
    // Three times: what differs each time is not by chance.
    for (let left = 2; left >= 0; left--) {
      const fast = await read(chat(worker, subject, { max_tokens: 32 }));
      const slow = await read(chat(worker, subject, { max_tokens: 32 }), slowly);
      assertFinished(slow);
      if (fast.text === slow.text) return;
      if (left === 0) assert.equal(slow.text, fast.text, 'a slow reader got another text than a fast one');
    }
  }),
];

/** The rules of a chat that is read to its end. */
export const chatRules: readonly Rule<EngineSubject>[] = [...shape, ...fields, ...load];

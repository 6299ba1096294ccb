import { SmmfError, type Worker } from '@smmf/core';
import { describe, expect, it, test, vi } from 'vitest';
import {
  createFakeEngine,
  type EngineSubject,
  engineRules,
  engineSuite,
  type FakeAnswer,
  type FakeRequest,
} from '../src/index.ts';
import { brokenRules, itCatchesEach, registered, type Wrong } from './broken.ts';
import { type EngineFault, smallEngine } from './small-engine.ts';

const subject = (fault?: EngineFault): EngineSubject => ({
  create: async () => smallEngine(fault),
  ...(fault === 'late to end' ? { abortLimitMs: 200 } : {}),
});

engineSuite({ test, ...subject() });

const LIMIT = 'writes no more than max_tokens';
const LEAVES = 'leaves no timer, socket, thread or process open after close';
const FINISH = 'ends the choice with exactly one finish, and nothing of it comes after';

const WRONG: readonly Wrong<EngineFault>[] = [
  ['lists models without a task', 'no tasks', 'lists models whose tasks it has handlers for'],
  ['lists a task without a handler', 'no handler', 'lists models whose tasks it has handlers for'],
  ['is never ready', 'not ready', 'is live and ready'],
  ['answers without text', 'silent', 'answers a chat with text'],
  ['finishes a choice twice', 'finishes twice', FINISH],
  ['writes on after the finish', 'text after the finish', FINISH],
  ['reports usage twice', 'usage twice', 'reports usage exactly once'],
  ['adds up wrongly', 'wrong total', 'reports a usage whose numbers add up'],
  ['writes 100 tokens whatever max_tokens says', 'ignores max_tokens', LIMIT],
  ['writes 40 tokens and reports max_tokens of them', 'ignores max_tokens, reports it', LIMIT],
  ['writes 40 tokens and counts one', 'ignores max_tokens, counts one', LIMIT],
  ['counts no token of what it writes', 'counts none', 'reports a usage whose numbers add up'],
  ['calls a cut answer a complete one', 'no length', 'says "length" when max_tokens ended the answer'],
  ['refuses a field that it does not know', 'refuses unknown', 'takes fields that it does not know'],
  ['gives one choice where n is 2', 'ignores n', 'gives as many choices as n asks for, or refuses n'],
  ['writes on beyond a stop text', 'ignores stop', 'ends before a stop text, or refuses stop'],
  ['refuses a fifth call at once', 'four at once', 'serves eight calls at once'],
  ['mixes the texts of calls at once', 'mixes', 'keeps the answers of calls that run at once apart'],
  ['loses text, but not the finish', 'loses text when slow', 'waits for a slow reader and loses no text'],
  ['begins an aborted call', 'ignores an early abort', 'yields nothing when it is aborted before it begins'],
  ['ends long after an abort', 'late to end', 'ends soon after an abort'],
  ['writes on after an abort', 'ignores an abort', 'yields no other event after an abort'],
  ['is broken by an abort', 'broken by an abort', 'serves the next call after an aborted one'],
  ['computes on with nobody listening', 'computes on', 'computes no further for a call that was aborted'],
  ['counts an aborted call for ever', 'counts aborted', 'counts no aborted call as running, where it tells its load'],
  ['has completions that only throw', 'completions throw', 'answers a completion with text, one finish and a usage'],
  [
    'gives vectors of different lengths',
    'uneven vectors',
    'gives one vector for each text, all of one length, and counts tokens',
  ],
  [
    'gives equal texts different vectors',
    'random vectors',
    'gives equal texts equal vectors, and different texts different ones',
  ],
  ['scores all documents but one', 'loses documents', 'scores every document'],
  ['gives all documents one score', 'one score', 'scores every document'],
  ['reads objects whole', 'reads objects whole', 'scores a document that is an object by its text'],
  ['fails when it is closed again', 'closes once', 'may be closed twice'],
  ['says it is ready after close', 'ready after close', 'is not ready after close'],
  ['serves calls after close', 'serves after close', 'refuses calls after close as CLOSED'],
  ['leaves a timer', 'leaves a timer', LEAVES],
  ['leaves a timer that makes the next one', 'leaves a loop', LEAVES],
  ['leaves a port open', 'leaves a port', LEAVES],
  ['lets running calls go on', 'goes on after close', 'ends its running calls when it is closed'],
];

const hang = (): Promise<never> => new Promise(() => undefined);

describe('engineSuite', { timeout: 60_000 }, () => {
  it('finds nothing wrong with a sound engine', async () => {
    expect(await brokenRules(engineRules, subject())).toEqual([]);
  });

  itCatchesEach(engineRules, WRONG, subject);

  it('fails each rule with what hangs, and leaves nothing open', async () => {
    let closed = 0;
    const sound = smallEngine();
    const hanging = (more: Partial<Worker>): Worker => ({
      ...sound,
      close: async () => void closed++,
      ...more,
    });
    const failing = async (create: () => Promise<Worker>, name: string): Promise<unknown> => {
      const tests = registered((register) => engineSuite({ test: register, create, limitMs: 30 }));
      return tests
        .get(`engine: ${name}`)?.()
        .catch(({ message }) => message);
    };
    expect(await failing(hang, 'is live and ready')).toBe('"is live and ready": create() did not end within 30 ms');
    const unhealthy = async () => hanging({ health: hang });
    expect(await failing(unhealthy, 'is live and ready')).toBe('"is live and ready" did not end within 30 ms');
    const mute = async () =>
      hanging({
        tasks: {
          async *chat() {
            yield await hang();
          },
        },
      });
    expect(await failing(mute, LIMIT)).toBe(`"${LIMIT}" did not end within 30 ms`);
    expect(closed).toBe(2);
  });

  it('catches what supports nothing, and what answers everything with nothing', async () => {
    const sound = smallEngine();
    const nothing = async (): Promise<Worker> => ({ ...sound, close: async () => undefined, models: [], tasks: {} });
    expect(await brokenRules(engineRules, { create: nothing })).toContain(
      'lists models whose tasks it has handlers for',
    );
    const usage = { prompt_tokens: 0, total_tokens: 0 };
    const empty = async (): Promise<Worker> => ({
      ...smallEngine(),
      tasks: {
        async *chat() {},
        async *completions() {},
        embeddings: async () => ({ vectors: [], usage }),
        rerank: async () => ({ scores: [], usage }),
      },
    });
    expect(await brokenRules(engineRules, { create: empty })).toEqual(
      expect.arrayContaining([
        'answers a chat with text',
        'answers a completion with text, one finish and a usage',
        'gives one vector for each text, all of one length, and counts tokens',
        'scores every document',
      ]),
    );
  });

  it('prints in one line which rules do not concern an engine, and why', async () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    const { rerank: _, ...tasks } = smallEngine().tasks;
    const create = async (): Promise<Worker> => ({
      ...smallEngine(),
      models: [{ id: 'small', tasks: ['chat', 'completions', 'embeddings'] }],
      tasks,
    });
    const tests = registered((register) => engineSuite({ test: register, create }));
    for (const run of tests.values()) await run().catch(() => undefined);
    expect(log.mock.calls).toEqual([
      [
        `engine suite: 3 of ${engineRules.length} rules were not checked: every prompt gets the same text (` +
          '"keeps the answers of calls that run at once apart"); no model lists rerank (' +
          '"scores every document", "scores a document that is an object by its text")',
      ],
    ]);
    log.mockRestore();
  });

  it('says which rules were left out', async () => {
    const tests = registered((register) => engineSuite({ test: register, ...subject() }));
    const last = `engine: all ${engineRules.length} rules ran`;
    expect([...tests.keys()].at(-1)).toBe(last);
    await tests.get('engine: is live and ready')?.();
    await expect(tests.get(last)?.()).rejects.toThrow(/^1 of \d+ rules ran; left out: lists models .*; may be closed/);
  });

  it('takes a refusal of n and of stop for an answer', async () => {
    const sound = smallEngine();
    const create = async (): Promise<Worker> => ({
      ...sound,
      close: async () => undefined,
      tasks: {
        async *chat(request, call) {
          const refused = (['n', 'stop'] as const).find((field) => request[field] !== undefined);
          if (refused) throw new SmmfError('UNSUPPORTED_PARAMETER', `No ${refused} here`, { param: refused });
          yield* sound.tasks.chat?.(request, call) ?? [];
        },
      },
    });
    const rules = engineRules.filter(({ name }) => / refuses (n|stop)$/.test(name));
    expect(rules).toHaveLength(2);
    expect(await brokenRules(rules, { create })).toEqual([]);
  });
});

function overHttp(url: string): Worker {
  let isClosed = false;
  return {
    models: [{ id: 'fake', tasks: ['chat', 'completions', 'embeddings', 'rerank'] }],
    endpoint: { url },
    tasks: {},
    health: async () => ({ live: true, ready: !isClosed }),
    async close() {
      isClosed = true;
    },
  };
}

/** What the fake engine leaves to its script: a vector and a score for each text. */
function manyTexts({ path, json }: FakeRequest): FakeAnswer | undefined {
  const usage = { prompt_tokens: 3, total_tokens: 3 };
  if (path.endsWith('/rerank')) {
    const results = [json?.documents ?? []].flat().map((_, index) => ({ index, relevance_score: 1 / (index + 1) }));
    return { pieces: [JSON.stringify({ results, usage })] };
  }
  if (!path.endsWith('/embeddings')) return undefined;
  const texts = json?.input as string[];
  const data = texts.map((text, index) => ({ object: 'embedding', index, embedding: [text.length, 1] }));
  return { pieces: [JSON.stringify({ object: 'list', model: 'fake', data, usage })] };
}

describe('engineSuite over HTTP', { timeout: 60_000 }, () => {
  it.each<[string, (request: FakeRequest) => FakeAnswer | undefined, readonly string[]]>([
    ['finds nothing wrong with a sound server', manyTexts, []],
    [
      'takes a refused n for an answer, as a server refuses',
      (request) => (request.json?.n === 2 ? { status: 400, pieces: ['{}'] } : manyTexts(request)),
      [],
    ],
    [
      'catches a server that breaks where n is 2',
      (request) => (request.json?.n === 2 ? { status: 500, pieces: ['{}'] } : manyTexts(request)),
      ['gives as many choices as n asks for, or refuses n'],
    ],
    [
      'catches a server without completions',
      (request) =>
        request.path.endsWith('/completions') && !request.path.includes('chat')
          ? { status: 404, pieces: ['{}'] }
          : manyTexts(request),
      ['answers a completion with text, one finish and a usage'],
    ],
  ])('%s', async (_, script, broken) => {
    const engine = await createFakeEngine();
    engine.script(script);
    const found = await brokenRules(engineRules, { create: async () => overHttp(engine.url) });
    await engine.close();
    expect(found).toEqual(broken);
  });
});

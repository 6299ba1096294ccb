import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type Call, SmmfError, type TaskMap, type Worker } from '@smmf/core';
import type { ChatRequest, GenerationEvent } from '@smmf/protocol';

/** Ways in which the small engine can be wrong. */
export type EngineFault =
  | 'no tasks'
  | 'no handler'
  | 'not ready'
  | 'silent'
  | 'finishes twice'
  | 'text after the finish'
  | 'usage twice'
  | 'wrong total'
  | 'ignores max_tokens'
  | 'ignores max_tokens, reports it'
  | 'ignores max_tokens, counts one'
  | 'counts none'
  | 'no length'
  | 'refuses unknown'
  | 'ignores n'
  | 'ignores stop'
  | 'four at once'
  | 'mixes'
  | 'loses text when slow'
  | 'ignores an early abort'
  | 'late to end'
  | 'ignores an abort'
  | 'broken by an abort'
  | 'computes on'
  | 'counts aborted'
  | 'completions throw'
  | 'uneven vectors'
  | 'random vectors'
  | 'loses documents'
  | 'one score'
  | 'reads objects whole'
  | 'closes once'
  | 'ready after close'
  | 'serves after close'
  | 'goes on after close'
  | 'leaves a timer'
  | 'leaves a loop'
  | 'leaves a port';

const WORDS = ['the ', 'sea ', 'is ', 'wide ', 'and ', 'deep '];
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** State that all calls of one engine share. */
interface Shared {
  isClosed: boolean;
  running: number;
  wasAborted: boolean;
  said: string;
}

/** What is left of the text up to a stop text. */
function upToStop(text: string, stop: ChatRequest['stop']): string {
  const ends = [stop ?? []].flat().map((each) => text.indexOf(each));
  return text.slice(0, Math.min(text.length, ...ends.filter((end) => end >= 0)));
}

/** Yields text; a text whose reader lets turns of the event loop pass is lost by the fault of that name. */
async function* yieldText(text: string, choice: number, fault?: EngineFault): AsyncGenerator<GenerationEvent, boolean> {
  let isSlow = false;
  const late = setImmediate(() => {
    isSlow = true;
  });
  yield { type: 'text', choice, text };
  clearImmediate(late);
  return isSlow && fault === 'loses text when slow';
}

interface Asked {
  readonly limit: number;
  readonly choices: number;
  readonly words: readonly string[];
  readonly isStopped: boolean;
}

function read(request: ChatRequest, fault?: EngineFault): Asked {
  const asked = request.max_tokens ?? 16;
  const limit = fault === 'ignores max_tokens' ? 100 : fault?.startsWith('ignores max_tokens, ') ? 40 : asked;
  const whole = Array.from({ length: limit }, (_, index) => WORDS[index % WORDS.length]).join('');
  const text = fault === 'ignores stop' ? whole : upToStop(whole, request.stop);
  const words = text.match(/\S+\s*/g) ?? [];
  return { limit, choices: fault === 'ignores n' ? 1 : (request.n ?? 1), words, isStopped: text !== whole };
}

/** Is this the end of the call, because nobody waits for it? */
async function hasEnded(shared: Shared, { signal }: Call, wasEarly: boolean, fault?: EngineFault): Promise<boolean> {
  shared.wasAborted ||= signal.aborted;
  if (!signal.aborted || wasEarly || fault === 'ignores an abort') return false;
  if (fault === 'late to end') await delay(300);
  return true;
}

async function* choiceOf(
  choice: number,
  { words, isStopped }: Asked,
  shared: Shared,
  call: Call,
  fault?: EngineFault,
): AsyncGenerator<GenerationEvent, boolean> {
  const wasEarly = call.signal.aborted;
  const mayGoOn = shared.isClosed || fault === 'goes on after close';
  let isLosing = false;
  for (const word of words) {
    await turn();
    if ((shared.isClosed && !mayGoOn) || (await hasEnded(shared, call, wasEarly, fault))) return false;
    shared.said += word;
    const text = fault === 'mixes' ? shared.said.slice(-20) : word;
    isLosing = isLosing ? false : yield* yieldText(fault === 'silent' ? '' : text, choice, fault);
  }
  const reason = isStopped || fault === 'no length' ? 'stop' : 'length';
  yield { type: 'finish', choice, reason };
  if (fault === 'finishes twice') yield { type: 'finish', choice, reason };
  if (fault === 'text after the finish') yield { type: 'text', choice, text: 'more' };
  return true;
}

/** How many tokens it says that it has written. */
function reportedOf(request: ChatRequest, written: number, fault?: EngineFault): number {
  if (fault === 'counts none') return 0;
  if (fault === 'ignores max_tokens, counts one') return 1;
  return fault === 'ignores max_tokens, reports it' ? (request.max_tokens ?? 16) : written;
}

async function* answer(
  request: ChatRequest,
  shared: Shared,
  call: Call,
  fault?: EngineFault,
): AsyncGenerator<GenerationEvent> {
  const asked = read(request, fault);
  for (let choice = 0; choice < asked.choices; choice++) {
    if (!(yield* choiceOf(choice, asked, shared, call, fault))) return;
  }
  const reported = reportedOf(request, asked.words.length, fault);
  const completion_tokens = reported * asked.choices;
  const total_tokens = 5 + completion_tokens + (fault === 'wrong total' ? 1 : 0);
  const usage = { prompt_tokens: 5, completion_tokens, total_tokens };
  yield { type: 'usage', usage };
  if (fault === 'usage twice') yield { type: 'usage', usage };
}

/** The calls that it refuses. */
function admit(request: ChatRequest, shared: Shared, fault?: EngineFault): void {
  if (shared.isClosed && fault !== 'serves after close') throw new SmmfError('CLOSED', 'closed');
  if (fault === 'refuses unknown' && 'x_unknown_field' in request) throw new SmmfError('UNSUPPORTED_PARAMETER', 'no');
  if (fault === 'four at once' && shared.running >= 4) throw new SmmfError('OVERLOADED', 'busy');
  if (fault === 'broken by an abort' && shared.wasAborted) throw new SmmfError('ENGINE_FAILED', 'broken');
}

async function computeOn(): Promise<void> {
  for (let count = 0; count < 2_000; count++) await turn();
}

async function* chatOf(
  request: ChatRequest,
  shared: Shared,
  call: Call,
  fault?: EngineFault,
): AsyncGenerator<GenerationEvent> {
  admit(request, shared, fault);
  if (call.signal.aborted && fault !== 'ignores an early abort') return;
  if (shared.running === 0) shared.said = '';
  shared.running++;
  if (fault === 'computes on') void computeOn();
  try {
    yield* answer(request, shared, call, fault);
  } finally {
    if (fault !== 'counts aborted' || !call.signal.aborted) shared.running--;
  }
}

function tasksOf(shared: Shared, fault?: EngineFault): TaskMap {
  const usage = { prompt_tokens: 1, total_tokens: 1 };
  const vectorOf = (text: string): number[] => {
    const first = fault === 'random vectors' ? Math.random() : text.charCodeAt(0);
    return fault === 'uneven vectors' && text.startsWith('a') ? [text.length] : [text.length, first];
  };
  const rerank: TaskMap['rerank'] = async ({ documents }) => {
    const ranked = documents.slice(fault === 'loses documents' ? 1 : 0);
    const isRead = (document: unknown): boolean => typeof document === 'string' || fault !== 'reads objects whole';
    const scores = ranked
      .map((document, index) => (isRead(document) ? index : String(document).length))
      .map((score) => (fault === 'one score' ? 1 : score));
    return { scores, usage };
  };
  return {
    chat: (request, call) => chatOf(request, shared, call, fault),
    async *completions({ prompt, ...request }, call) {
      if (fault === 'completions throw') throw new Error('broken');
      const messages = [{ role: 'user' as const, content: String(prompt) }];
      yield* chatOf({ ...request, messages } as ChatRequest, shared, call);
    },
    embeddings: async ({ input }) => ({ vectors: [input].flat().map((text) => vectorOf(String(text))), usage }),
    ...(fault === 'no handler' ? {} : { rerank }),
  };
}

/** Opens what close() forgets. */
function openFor(fault?: EngineFault): void {
  const again = (): unknown => setTimeout(again, 20);
  if (fault === 'leaves a timer') setInterval(() => undefined, 60_000);
  if (fault === 'leaves a loop') again();
  if (fault === 'leaves a port') createServer().listen(0, '127.0.0.1');
}

/** The least engine that follows the contract, or breaks it in one way. */
export function smallEngine(fault?: EngineFault): Worker {
  const shared: Shared = { isClosed: false, running: 0, wasAborted: false, said: '' };
  openFor(fault);
  return {
    models: [{ id: 'small', tasks: fault === 'no tasks' ? [] : ['chat', 'completions', 'embeddings', 'rerank'] }],
    tasks: tasksOf(shared, fault),
    health: async () => ({
      live: true,
      ready: fault !== 'not ready' && (fault === 'ready after close' || !shared.isClosed),
    }),
    load: async () => ({ running: shared.running, sampledAtMs: 0 }),
    async close() {
      if (fault === 'closes once' && shared.isClosed) throw new Error('closed already');
      shared.isClosed = true;
    },
  };
}

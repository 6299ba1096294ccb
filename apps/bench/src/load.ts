import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import type { Pace } from './pacer.ts';

/** Where the load goes. */
export interface LoadTarget {
  readonly port: number;
  readonly key: string;
}

/** What a load found; times in microseconds, sorted. */
export interface LoadResult {
  /** When the load began, on the scale of `performance.now()`. */
  startedMs: number;
  answered: number;
  /** Answers that were not what the engine had sent for this very request. */
  wrong: number;
  readonly latenciesUs: number[];
  chunks: number;
}

interface Answer {
  readonly text: string;
}

/** A thread is up by then. */
const PACER_START_MS = 200;
const END = '0\r\n\r\n';

/** One keep-alive connection that asks one thing at a time and checks the framing of each answer. */
class Caller {
  readonly socket: Socket;
  #text = '';
  #done: ((answer: Answer) => void) | undefined;
  #onPiece: ((text: string) => void) | undefined;

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.socket.on('error', () => undefined);
    this.socket.on('data', (data) => this.#onData(data.toString('latin1')));
    this.socket.on('close', () => this.#finish());
  }

  ask(request: string, onPiece?: (text: string) => void): Promise<Answer> {
    this.#text = '';
    this.#onPiece = onPiece;
    return new Promise((resolve) => {
      this.#done = resolve;
      this.socket.write(request);
    });
  }

  #onData(piece: string): void {
    this.#text += piece;
    this.#onPiece?.(piece);
    const head = this.#text.indexOf('\r\n\r\n');
    if (head === -1) return;
    const length = /\r\ncontent-length: *(\d+)/i.exec(this.#text.slice(0, head))?.[1];
    if (length === undefined ? this.#text.endsWith(END) : this.#text.length >= head + 4 + Number(length))
      this.#finish();
  }

  #finish(): void {
    this.#done?.({ text: this.#text });
    this.#done = undefined;
  }
}

let serial = 0;

function requestFor({ key }: LoadTarget, user: string, isStream: boolean, padding = ''): string {
  const body = `{"model":"mock","messages":[{"role":"user","content":"Tell me about gateways in a few words, please.${padding}"}],"temperature":0.7,"max_tokens":128,${isStream ? '"stream":true,' : ''}"user":"${user}"}`;
  return `POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${key}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

const empty = (): LoadResult => ({ startedMs: performance.now(), answered: 0, wrong: 0, latenciesUs: [], chunks: 0 });
const sorted = (result: LoadResult): LoadResult => {
  result.latenciesUs.sort((a, b) => a - b);
  return result;
};

function note(result: LoadResult, text: string, user: string, startedMs: number): void {
  result.answered++;
  result.latenciesUs.push((performance.now() - startedMs) * 1000);
  if (
    !text.startsWith('HTTP/1.1 200') ||
    !text.includes(`"content":"${user} `) ||
    !text.includes('"finish_reason":"stop"')
  ) {
    result.wrong++;
  }
}

/** `connections` callers, each asking again as soon as it has its answer. */
export async function closedLoop(
  target: LoadTarget,
  connections: number,
  durationMs: number,
  padding = '',
): Promise<LoadResult> {
  const result = empty();
  const endMs = performance.now() + durationMs;
  const run = async (): Promise<void> => {
    const caller = new Caller(target.port);
    while (performance.now() < endMs) {
      const user = `id=${serial++}`;
      const startedMs = performance.now();
      const { text } = await caller.ask(requestFor(target, user, false, padding));
      note(result, text, user, startedMs);
    }
    caller.socket.destroy();
  };
  await Promise.all(Array.from({ length: connections }, run));
  return sorted(result);
}

/** `rate` requests a second at fixed times; latency counts from the scheduled time, so a slow answer hides nothing. */
export async function openLoop(target: LoadTarget, rate: number, durationMs: number): Promise<LoadResult> {
  const result = empty();
  const idle: Caller[] = [];
  const pending: Promise<void>[] = [];
  const fire = async (scheduledMs: number): Promise<void> => {
    const caller = idle.pop() ?? new Caller(target.port);
    const user = `id=${serial++}`;
    const { text } = await caller.ask(requestFor(target, user, false));
    note(result, text, user, scheduledMs);
    idle.push(caller);
  };
  const gapMs = 1000 / rate;
  const startMs = performance.now() + PACER_START_MS;
  result.startedMs = startMs;
  const pace: Pace = { startMs: performance.timeOrigin + startMs, gapMs, count: Math.floor(durationMs / gapMs) };
  const pacer = new Worker(new URL('./pacer.ts', import.meta.url), { workerData: pace });
  pacer.on('message', (index: number) => pending.push(fire(startMs + index * gapMs)));
  await once(pacer, 'exit');
  await Promise.all(pending);
  for (const caller of idle) caller.socket.destroy();
  return sorted(result);
}

function checkStream(text: string, count: number): boolean {
  const numbers = [...text.matchAll(/"content":"(\d+) /g)].map(([, number]) => Number(number));
  const isOrdered = numbers.length === count && numbers.every((number, index) => number === index);
  return isOrdered && text.includes('"finish_reason":"stop"') && text.includes('data: [DONE]') && text.endsWith(END);
}

/** `streams` at once, each with `count` events `gapMs` apart, starts spread over one gap; the delay of each event is taken. */
export async function pacedStreams(
  target: LoadTarget,
  streams: number,
  count: number,
  gapMs: number,
): Promise<LoadResult> {
  const result = empty();
  const run = async (index: number): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, (index * 200) / streams));
    const caller = new Caller(target.port);
    const onPiece = (piece: string): void => {
      for (const [, sentMs] of piece.matchAll(/"content":"\d+ ([\d.]+) /g)) {
        result.latenciesUs.push((performance.timeOrigin + performance.now() - Number(sentMs)) * 1000);
        result.chunks++;
      }
    };
    const { text } = await caller.ask(requestFor(target, `n=${count},i=${gapMs}`, true), onPiece);
    result.answered++;
    if (!checkStream(text, count)) result.wrong++;
    caller.socket.destroy();
  };
  await Promise.all(Array.from({ length: streams }, (_, index) => run(index)));
  return sorted(result);
}

/** `streams` that vanish in the middle; resolves once every one has been cut. */
export async function vanish(target: LoadTarget, streams: number): Promise<void> {
  const callers = Array.from({ length: streams }, () => new Caller(target.port));
  const first = callers.map(
    (caller) =>
      new Promise<void>((resolve) => {
        void caller.ask(requestFor(target, 'n=10000,i=20', true), (piece) => {
          if (piece.includes('"content":"1 ')) resolve();
        });
      }),
  );
  await Promise.all(first);
  for (const { socket } of callers) socket.destroy();
}

/** The mock engine's own counters, asked for directly. */
export async function mockStats(port: number): Promise<{ finished: number; aborted: number; active: number }> {
  const caller = new Caller(port);
  const { text } = await caller.ask('GET /stats HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n');
  caller.socket.destroy();
  return JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4));
}

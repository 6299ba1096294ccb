import { type Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { Ended, Outcome } from './outcome.ts';
import { StreamReader } from './read-stream.ts';

/** One request of the load. */
export interface Question {
  /** Origin of the server that is asked. */
  readonly target: string;
  readonly model: string;
  readonly prompt: string;
  /** What the engine says to `prompt`. */
  readonly answer: string;
  readonly stream: boolean;
  /** Longest wait for the first content, and between two pieces of it; milliseconds. */
  readonly limitMs: number;
}

const now = (): number => performance.timeOrigin + performance.now();

/** Asks one question and tells what became of it; never rejects. */
export function ask(question: Question, agent: Agent): Promise<Ended> {
  return new Promise((resolve) => new Asking(question, agent, resolve));
}

class Asking {
  readonly #question: Question;
  readonly #tell: (ended: Ended) => void;
  readonly #request: ClientRequest;
  readonly #reader = new StreamReader();
  readonly #startedMs = now();
  #status = 0;
  #id: string | undefined;
  #body = '';
  #firstMs: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(question: Question, agent: Agent, tell: (ended: Ended) => void) {
    this.#question = question;
    this.#tell = tell;
    const { target, model, prompt, stream } = question;
    const body = JSON.stringify({ model, stream, messages: [{ role: 'user', content: prompt }] });
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    this.#request = request(`${target}/v1/chat/completions`, { method: 'POST', agent, headers });
    this.#request.on('response', (response) => this.#answered(response));
    this.#request.on('error', (error) => this.#broke(error));
    this.#request.end(body);
    this.#await();
  }

  #await(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#late(), this.#question.limitMs);
  }

  #answered(response: IncomingMessage): void {
    this.#status = response.statusCode ?? 0;
    const id = response.headers['x-request-id'];
    this.#id = typeof id === 'string' ? id : undefined;
    response.setEncoding('utf8');
    response.on('data', (piece: string) => this.#heard(piece));
    response.on('end', () => this.#finished());
    response.on('error', (error) => this.#broke(error));
    response.on('aborted', () => this.#broke(new Error('connection closed in the middle of the answer')));
  }

  #heard(piece: string): void {
    this.#body += piece;
    if (!this.#question.stream || this.#status >= 400) return;
    const before = this.#reader.text.length;
    this.#reader.push(piece);
    if (this.#reader.text.length === before) return;
    this.#firstMs ??= now();
    this.#await();
  }

  #finished(): void {
    if (this.#status >= 400) this.#end('failed', `status ${this.#status}: ${this.#body.slice(0, 300)}`);
    else if (this.#question.stream) this.#streamed();
    else this.#replied();
  }

  #replied(): void {
    const reply = JSON.parse(this.#body) as { readonly choices?: readonly { message?: { content?: string } }[] };
    const text = reply.choices?.[0]?.message?.content;
    this.#firstMs = now();
    if (text === this.#question.answer) this.#end('ok');
    else this.#end('wrong', this.#body.slice(0, 300));
  }

  #streamed(): void {
    const { text, isDone, error } = this.#reader;
    if (error !== undefined) this.#end(text === '' ? 'failed' : 'cut', `error event ${error}`);
    else if (!isDone) this.#end(text === '' ? 'failed' : 'cut silently', 'the stream ended without its last event');
    else if (text === this.#question.answer) this.#end('ok');
    else this.#end('wrong', text.slice(0, 300));
  }

  #broke(error: Error): void {
    const { text, error: told } = this.#reader;
    // An error event that is followed by a reset has been told all the same.
    if (told !== undefined && text !== '') this.#end('cut', `error event ${told}`);
    else this.#end(text === '' ? 'failed' : 'cut silently', error.message);
  }

  #late(): void {
    this.#end(
      this.#firstMs === undefined ? 'failed' : 'cut silently',
      `no content within ${this.#question.limitMs} ms`,
    );
    this.#request.destroy();
  }

  #end(outcome: Outcome, reason?: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    const { target, stream } = this.#question;
    const times = { startedMs: this.#startedMs, firstMs: this.#firstMs, endedMs: now() };
    this.#tell({ id: this.#id, target, stream, outcome, ...(reason === undefined ? {} : { reason }), ...times });
  }
}

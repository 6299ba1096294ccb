import type { Call } from '@smmf/core';
import type { GenerationEvent } from '@smmf/protocol';
import type { TritonClient } from './client.ts';
import { connectionError } from './errors.ts';
import { modelPath, type TritonModel } from './model.ts';
import { createRecordText } from './record-text.ts';
import { type AnswerRecord, checkHead, createRecordReader, wholeRecord } from './records.ts';
import { withPrompt } from './request.ts';
import { createStopGate } from './stop-gate.ts';
import { createTokenCount, type TokenCount, totalUsage } from './token-count.ts';

/** What is to be answered: one choice for each prompt. */
export interface Job {
  readonly prompts: readonly string[];
  readonly body: Readonly<Record<string, unknown>>;
  readonly maxTokens: number;
  readonly stops: readonly string[];
}

/** Where it is answered. */
export interface Place {
  readonly client: TritonClient;
  readonly name: string;
  readonly model: TritonModel;
  /** On the scale of a call's deadline. */
  readonly now: () => number;
}

/** Told once for an answer whose tokens Triton does not count. */
const ESTIMATED: GenerationEvent = { type: 'head', headers: { 'x-smmf-adjusted': 'usage-estimated' } };

/** The parts that the text of one choice goes through. */
class Choice {
  readonly #index: number;
  readonly #records: ReturnType<typeof createRecordText>;
  readonly #gate: ReturnType<typeof createStopGate>;
  readonly count: TokenCount;
  text = '';

  constructor(job: Job, index: number, model: TritonModel) {
    this.#index = index;
    const isStream = model.decoupled;
    this.#records = createRecordText(!isStream || model.layout.text === 'pieces' ? false : model.accumulates);
    this.#gate = createStopGate(job.stops);
    this.count = createTokenCount(job.prompts[index] ?? '', job.maxTokens, isStream);
  }

  get isStopped(): boolean {
    return this.#gate.isStopped;
  }

  push(record: AnswerRecord): GenerationEvent[] {
    this.count.note(record);
    return this.#show(this.#gate.push(this.#records.push(record.text)));
  }

  /** What was kept back, and the end. */
  finish(): GenerationEvent[] {
    const rest = this.isStopped ? '' : this.#gate.push(this.#records.end());
    const shown = this.#show(this.isStopped ? rest : rest + this.#gate.end());
    const reason = this.isStopped ? 'stop' : this.count.finish();
    return [...shown, { type: 'finish', choice: this.#index, reason }];
  }

  #show(text: string): GenerationEvent[] {
    this.text += text;
    return text === '' ? [] : [{ type: 'text', choice: this.#index, text }];
  }
}

/** One call, from its first step to its last. */
export interface Watch {
  /** Aborts with the call, and when the worker is closed. */
  readonly signal: AbortSignal;
  end(): void;
}

/** What a call needs before it can be answered; asked for at its first step. */
export interface Planned {
  readonly job: Job;
  readonly place: Place;
}

/**
 * Answers by Triton's generate extension: prompt after prompt, each by a request of its own. Whoever leaves it, or aborts the call, ends
 * the request under way: Triton then cancels it.
 * @throws SmmfError, or the signal's reason
 */
export async function* answer(
  begin: () => Watch,
  plan: (signal: AbortSignal) => Promise<Planned>,
  call: Call,
): AsyncGenerator<GenerationEvent> {
  const { signal, end } = begin();
  let hasBegun = false;
  try {
    const { job, place } = await plan(signal);
    const { client, name, model, now } = place;
    const isStream = model.decoupled;
    const path = `${modelPath(name)}/${isStream ? 'generate_stream' : 'generate'}`;
    const isCounted = model.extras.has('num_input_tokens') && model.extras.has('num_output_tokens');
    const counts: ReturnType<TokenCount['usage']>[] = [];
    for (const [index, prompt] of job.prompts.entries()) {
      const choice = new Choice(job, index, model);
      const response = await client.open(path, withPrompt(job.body, prompt), signal, call.deadlineMs - now());
      await checkHead(response, isStream);
      hasBegun = true;
      if (index === 0 && !isCounted) yield ESTIMATED;
      if (!isStream) yield* choice.push(await wholeRecord(response));
      else {
        const reader = createRecordReader();
        for await (const bytes of response.body) {
          for (const record of reader.push(bytes)) yield* choice.push(record);
          // Leaving the body closes its connection, by which Triton hears of it.
          if (choice.isStopped) break;
        }
        if (!choice.isStopped) reader.end();
      }
      signal.throwIfAborted();
      yield* choice.finish();
      counts.push(choice.count.usage(choice.text));
    }
    yield { type: 'usage', usage: totalUsage(counts) };
  } catch (error) {
    signal.throwIfAborted();
    throw connectionError(error, hasBegun);
  } finally {
    end();
  }
}

import { randomBytes } from 'node:crypto';
import type { GenerationEvent } from '@smmf/protocol';
import type { LlamaGrammarEvaluationState, Token } from 'node-llama-cpp';
import type { Emit } from './event-pipe.ts';
import { createLogprobTrail } from './logprobs.ts';
import { createTextGate } from './text-gate.ts';
import type { TokenRun } from './token-run.ts';

/** A part of a model's reply: shown as text or as reasoning, or not meant to be seen (between the channels of some templates). */
export type AnswerPart = 'text' | 'reasoning' | 'hidden';

/** What a mark in the model's text means: the end, the beginning of a part, or of a call. */
export type Mark = 'stop' | 'call' | AnswerPart;

/** The functions that a model may call, in the syntax of its template. */
export interface CallPlan {
  /** Tokens of `rest` and of what opens a call, up to where the function's name stands. */
  opening(rest: string): readonly Token[];
  nameGrammar(): LlamaGrammarEvaluationState;
  /** Tokens between the function's name and its arguments. */
  openingOfArguments(): readonly Token[];
  /** Undefined for a function without parameters: its arguments are `{}`. */
  argumentsGrammar(name: string): LlamaGrammarEvaluationState | undefined;
}

/** How a model's text is divided into the parts of an answer. */
export interface AnswerPlan {
  /** The marks that count within each part. */
  readonly marks: Readonly<Record<AnswerPart, ReadonlyMap<string, Mark>>>;
  /** Those of text until some has been written. */
  readonly first: ReadonlyMap<string, Mark>;
  readonly begins: AnswerPart;
  /** What the whole text must follow. */
  readonly grammar?: LlamaGrammarEvaluationState | undefined;
  readonly calls?: CallPlan | undefined;
  /** The answer must be a call: the prompt ends where the function's name stands, or behind the name that was asked for. */
  readonly forced?: { readonly name: string | undefined } | undefined;
}

/** Writes one choice of a chat and emits its events, `finish` last. */
export async function writeAnswer(
  run: TokenRun,
  plan: AnswerPlan,
  choice: number,
  emit: Emit<GenerationEvent>,
): Promise<void> {
  const { calls, forced } = plan;
  if (forced && calls) return writeCall(run, calls, { given: forced.name, choice }, emit);
  run.constrain(plan.grammar);
  const [gate, trail] = [createTextGate<Mark>(), createLogprobTrail()];
  let [part, begun]: [AnswerPart, boolean] = [plan.begins, false];
  const marks = (): ReadonlyMap<string, Mark> => (part === 'text' && !begun ? plan.first : plan.marks[part]);
  for (let piece: string | undefined = ''; piece !== undefined; ) {
    piece = await run.next();
    if (piece !== undefined) trail.push(piece, run.logprob);
    let passed = piece === undefined ? gate.flush() : gate.push(piece, marks());
    for (;;) {
      // Templates leave space between a part's mark and its text; it belongs to neither.
      const text: string = begun ? passed.text : passed.text.trimStart();
      begun ||= text !== '';
      const known = trail.pass(passed.text.length, passed.text.length - text.length);
      if (text !== '' && part !== 'hidden') await emit({ type: part, choice, text, ...(part === 'text' ? known : {}) });
      if (!passed.found) break;
      const { trigger, at, end } = passed.found;
      trail.dropTo(end);
      if (trigger === 'stop') return emit(finish(choice, 'stop'));
      if (trigger === 'call' && calls) {
        if (!(await run.replaceFrom(at, calls.opening))) return emit(finish(choice, 'length'));
        return writeCall(run, calls, { given: undefined, choice }, emit);
      }
      [part, begun] = [trigger === 'call' ? 'text' : trigger, false];
      passed = gate.push('', marks());
    }
  }
  await emit(finish(choice, run.end));
}

/** Writes the name of a function, unless it is given, and arguments that follow the function's schema. */
async function writeCall(
  run: TokenRun,
  calls: CallPlan,
  { given, choice }: { readonly given: string | undefined; readonly choice: number },
  emit: Emit<GenerationEvent>,
): Promise<void> {
  let name = given;
  if (name === undefined) {
    run.constrain(calls.nameGrammar());
    name = '';
    for (let piece = await run.next(); piece !== undefined; piece = await run.next()) name += piece;
    if (run.end === 'length' || !run.put(calls.openingOfArguments())) return emit(finish(choice, 'length'));
  }
  const id = `call_${randomBytes(12).toString('hex')}`;
  const grammar = calls.argumentsGrammar(name);
  await emit({ type: 'tool-call', choice, index: 0, id, name, arguments: grammar ? '' : '{}' });
  if (!grammar) return emit(finish(choice, 'tool_calls'));
  run.constrain(grammar);
  for (let piece = await run.next(); piece !== undefined; piece = await run.next()) {
    if (piece !== '') await emit({ type: 'tool-call', choice, index: 0, arguments: piece });
  }
  await emit(finish(choice, run.end === 'length' ? 'length' : 'tool_calls'));
}

const finish = (choice: number, reason: string): GenerationEvent => ({ type: 'finish', choice, reason });

import {
  type ChatHistoryItem,
  type ChatWrapper,
  type ChatWrapperGeneratedContextState,
  LlamaText,
} from 'node-llama-cpp';
import type { AnswerPart, Mark } from './answer.ts';
import { type CallSyntax, plainText } from './call-syntax.ts';

/** What an answer is bound to be: free text, text in a grammar, or a call. */
export type Binding = 'free' | 'text' | 'call';

/** How a template divides a model's reply, and how a reply is begun. */
export interface ReplyMarks {
  readonly marks: Readonly<Record<AnswerPart, ReadonlyMap<string, Mark>>>;
  readonly begins: AnswerPart;
  /** What is put behind the conversation so that a bound reply begins where it should. */
  readonly leadIn: LlamaText;
  /** What stands before a call's own opening. */
  readonly callLeadIn: LlamaText;
}

type Marked = readonly (readonly [string, Mark])[];

/** Reads the marks out of a template and the conversation that it rendered. `stops` end text; `syntax` only where calls are allowed. */
export function replyMarks(
  template: ChatWrapper,
  state: ChatWrapperGeneratedContextState,
  binding: Binding,
  begins: 'text' | 'reasoning',
  { stops, syntax }: { readonly stops: readonly string[]; readonly syntax: CallSyntax | undefined },
): ReplyMarks {
  const { thought } = template.settings.segments ?? {};
  const end = LlamaText(thought?.suffix ?? '');
  const opened = isOpenedByTemplate(template);
  const opening = thought && !opened ? plainText(LlamaText(thought.prefix as string | LlamaText)) : '';
  const channels = channelsOf(state, syntax !== undefined);
  const again = (state.rerender?.triggers ?? []).map((text) => [plainText(text), 'hidden'] as const);
  const engaged = state.functionCall?.initiallyEngaged === true;
  const heads = (engaged ? [] : (syntax?.heads ?? [])).map((head) => [head, 'call'] as const);
  const ignored = (engaged ? (state.ignoreStartText ?? []) : []).map((text) => [plainText(text), 'text'] as const);
  const stopping = [...stops, ...state.stopGenerationTriggers.map(plainText)].map((stop) => [stop, 'stop'] as const);
  const text = [...heads, ...ignored, [opening.trim(), 'reasoning'] as const, ...channels.marks, ...again, ...stopping];
  const leadIns: Record<Binding, LlamaText> = {
    free: LlamaText([]),
    text: LlamaText([opened ? end : '', channels.textLeadIn]),
    call: LlamaText(opened ? end : ''),
  };
  return {
    marks: {
      text: marked(text),
      reasoning: marked([[plainText(end).trim(), 'text'], ...again]),
      hidden: marked([...channels.marks, ...stopping]),
    },
    begins: binding === 'free' && channels.marks.length > 0 ? 'hidden' : begins,
    leadIn: leadIns[binding],
    callLeadIn: channels.callLeadIn,
  };
}

/** Does the template itself begin each reply inside reasoning. */
function isOpenedByTemplate({ settings }: ChatWrapper): boolean {
  const prefix = settings.segments?.thought?.prefix;
  return typeof prefix === 'object' && 'type' in prefix;
}

/**
 * Where the reply to a conversation begins. Opens reasoning in the history where the template wants each reply to begin so; call
 * it before the history is rendered.
 */
export function beginReply(
  template: ChatWrapper,
  history: readonly ChatHistoryItem[],
  binding: Binding,
): 'text' | 'reasoning' {
  if (binding !== 'free') return 'text';
  if (isOpenedByTemplate(template)) return 'reasoning';
  const turn = history.at(-1);
  const isWanted = template.settings.segments?.thought?.openOnResponseStart === true;
  if (!isWanted || turn?.type !== 'model' || turn.response.length > 0) return 'text';
  turn.response.push({ type: 'segment', segmentType: 'thought', text: '', ended: false });
  return 'reasoning';
}

/** The channels that some templates (gpt-oss) let a model choose among at the beginning of each piece of its reply. */
function channelsOf(
  state: ChatWrapperGeneratedContextState,
  mayCall: boolean,
): {
  readonly marks: Marked;
  readonly textLeadIn: LlamaText;
  readonly callLeadIn: LlamaText;
} {
  const { prefixTriggers = [], noPrefixTrigger } = state;
  const meaning = { segment: 'reasoning', response: 'text', functionCall: 'call' } as const;
  const marks = prefixTriggers
    .filter(({ type }) => mayCall || type !== 'functionCall')
    .flatMap(({ type, triggers }) => triggers.map((trigger) => [plainText(trigger), meaning[type]] as const));
  const response = prefixTriggers.find(({ type }) => type === 'response');
  const call = prefixTriggers.find(({ type }) => type === 'functionCall');
  const chosen = response ? [response.triggers[0] ?? '', response.inject ?? ''] : [];
  return {
    marks,
    textLeadIn: noPrefixTrigger?.type === 'response' ? noPrefixTrigger.inject : LlamaText(chosen),
    callLeadIn: LlamaText(call?.inject ?? ''),
  };
}

/** Later entries win; an empty text marks nothing. */
function marked(entries: Marked): ReadonlyMap<string, Mark> {
  return new Map(entries.filter(([text]) => text !== ''));
}

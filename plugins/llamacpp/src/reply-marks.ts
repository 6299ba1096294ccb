import type { AnswerPart, Mark } from './answer.ts';
import type { CallSyntax } from './call-syntax.ts';

/** What an answer is bound to be: free text, text in a grammar, or a call. */
export type Binding = 'free' | 'text' | 'call';

/** How a model divides its reply, and how a reply is begun. */
export interface ReplyMarks {
  readonly marks: Readonly<Record<AnswerPart, ReadonlyMap<string, Mark>>>;
  /** Those of text until some has been written. */
  readonly first: ReadonlyMap<string, Mark>;
  readonly begins: AnswerPart;
  /** What is put behind the conversation so that a bound reply begins where it should. */
  readonly leadIn: string;
}

/** What decides about the marks. */
export interface ReplySigns {
  /** The template's source. */
  readonly source: string;
  /** The conversation as the template rendered it, up to where the answer begins. */
  readonly prompt: string;
  /** Whether an answer goes on that has text already. */
  readonly isBegun: boolean;
  /** Texts that end an answer: of the request and of the template. */
  readonly stops: readonly string[];
  /** Only where calls are allowed. */
  readonly syntax: CallSyntax | undefined;
}

type Marked = readonly (readonly [string, Mark])[];

/** Marks around reasoning, of the families that are known. */
const THOUGHTS = [
  ['<think>', '</think>'],
  ['[THINK]', '[/THINK]'],
  ['<seed:think>', '</seed:think>'],
  ['<|START_THINKING|>', '<|END_THINKING|>'],
  ['<reasoning>', '</reasoning>'],
] as const;

/** The channels of gpt-oss, which a model chooses among at the beginning of each piece of its reply. */
const CHANNELS: Marked = [
  ['<|channel|>analysis<|message|>', 'reasoning'],
  ['<|channel|>final<|message|>', 'text'],
  ['<|channel|>commentary<|message|>', 'text'],
];
const CHANNEL_ENDS: Marked = [
  ['<|end|>', 'hidden'],
  ['<|return|>', 'stop'],
];

/** Reads the marks out of a template and the conversation that it rendered. */
export function replyMarks(signs: ReplySigns, binding: Binding): ReplyMarks {
  const { source, stops, syntax } = signs;
  const ends = stops.map((stop) => [stop, 'stop'] as const);
  const calls = (syntax?.heads ?? []).map((head) => [head, 'call'] as const);
  const firstCalls = (syntax?.firstHeads ?? []).map((head) => [head, 'call'] as const);
  if (source.includes('<|channel|>')) return channelMarks(calls, ends, signs.isBegun ? 'text' : binding);
  const [opening, closing] = THOUGHTS.find((pair) => pair.some((mark) => source.includes(mark))) ?? [];
  const opened = opening !== undefined && signs.prompt.trimEnd().endsWith(opening);
  const text: Marked = [...calls, ...(opening ? [[opening, 'reasoning'] as const] : []), ...ends];
  const isBound = binding !== 'free' || signs.isBegun;
  return {
    marks: {
      text: new Map(text),
      reasoning: new Map<string, Mark>(closing ? [[closing, 'text']] : []),
      hidden: new Map(),
    },
    first: new Map([...firstCalls, ...text]),
    begins: opened && !isBound ? 'reasoning' : 'text',
    leadIn: opened && isBound ? `${signs.prompt.endsWith('\n') ? '' : '\n'}\n${closing}\n\n` : '',
  };
}

function channelMarks(calls: Marked, ends: Marked, binding: Binding): ReplyMarks {
  const text = new Map([...ends, ...CHANNEL_ENDS]);
  return {
    marks: {
      text,
      reasoning: new Map(CHANNEL_ENDS),
      hidden: new Map([...CHANNELS, ...calls, ...CHANNEL_ENDS]),
    },
    first: text,
    begins: binding === 'free' ? 'hidden' : 'text',
    leadIn: binding === 'text' ? '<|channel|>final<|message|>' : '',
  };
}

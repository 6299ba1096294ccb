/** How a model writes calls. */
export interface CallSyntax {
  /** What stands before the function's name. */
  readonly opening: string;
  /** What stands between the name and the arguments, which are JSON. */
  readonly between: string;
  /** Texts by which a call is recognised while the model writes. */
  readonly heads: readonly string[];
  /** Heads too common to know a call by, but at the beginning of an answer. */
  readonly firstHeads: readonly string[];
}

/** The syntax of Qwen and Hermes, which this plugin also teaches to models whose template knows no functions. */
export const GENERIC_CALLS: CallSyntax = {
  opening: '<tool_call>\n{"name": "',
  between: '", "arguments": ',
  heads: ['<tool_call>'],
  firstHeads: [],
};

/** A call in the probe's words, as a template wrote it, and the same turn with text in its place. */
export interface Probe {
  readonly call: string;
  readonly text: string;
  readonly words: { readonly name: string; readonly arguments: string; readonly text: string; readonly id: string };
}

const TAG = /<[^<>\s]+>|\[[A-Z_]+\]/;
const BARE_JSON = ['{"name"', '{ "name"', '{\n"name"', '{\n  "name"', '{"type": "function"', '{"function"'];

/** Reads the syntax out of what a template makes of a call; undefined where it writes arguments otherwise than as JSON. */
export function syntaxOf({ call, text, words }: Probe, source: string): CallSyntax | undefined {
  const turn = sharedLength(call, text.slice(0, Math.max(0, text.indexOf(words.text))));
  const name = call.indexOf(words.name, turn);
  const json = call.indexOf(words.arguments, name);
  if (name < 0 || json < 0) return undefined;
  const between = call.slice(name + words.name.length, json);
  const opening = call.slice(turn, name);
  if (between.includes(words.name) || `${opening}${between}`.includes(words.id)) return undefined;
  return { opening, between, ...headsOf(opening, source) };
}

function headsOf(opening: string, source: string): Pick<CallSyntax, 'heads' | 'firstHeads'> {
  const more = source.includes('<|python_tag|>') ? ['<|python_tag|>'] : [];
  const channels = source.includes('<|channel|>') ? ['<|channel|>commentary to='] : [];
  const tag = TAG.exec(opening)?.[0];
  const isBare = tag === undefined && opening.trimStart().startsWith('{');
  return { heads: [...(tag ? [tag] : []), ...more, ...channels], firstHeads: isBare ? BARE_JSON : [] };
}

function sharedLength(left: string, right: string): number {
  let length = 0;
  while (length < left.length && length < right.length && left[length] === right[length]) length++;
  return length;
}

/** Syntax of the newer Mistral models, whose ids stand between name and arguments and may be left out. */
export const MISTRAL_CALLS: CallSyntax = {
  opening: '[TOOL_CALLS]',
  between: '[ARGS]',
  heads: ['[TOOL_CALLS]'],
  firstHeads: [],
};

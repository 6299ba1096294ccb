import { type ChatWrapper, LlamaText, SpecialToken } from 'node-llama-cpp';

/** What a template writes around calls. */
export interface CallSyntax {
  /** What stands before the function's name. */
  readonly opening: LlamaText;
  /** What stands between the name and the arguments. */
  between(name: string): LlamaText;
  /** Texts by which a call is recognised while the model writes. */
  readonly heads: readonly string[];
}

/** Shorter texts are too common to know a call by. */
const SHORTEST_HEAD = 4;

/** Reads the syntax of calls out of a template's settings. */
export function callSyntaxOf({ settings }: ChatWrapper): CallSyntax {
  const { call, parallelism } = settings.functions;
  const section = parallelism?.call.sectionPrefix ?? '';
  const openings = [[section, call.prefix], ...(call.prefixAlternateMatches ?? []).map((prefix) => [prefix])];
  const sections = (parallelism?.call.sectionPrefixAlternateMatches ?? []).map((prefix) => [prefix]);
  const heads = [...openings, ...sections].map((texts) => headOf(LlamaText(texts)));
  return {
    opening: LlamaText([section, call.prefix]),
    between: (name) =>
      LlamaText(call.paramsPrefix).mapValues((value) =>
        typeof value === 'string' ? value.replaceAll('{{functionName}}', name) : value,
      ),
    heads: [...new Set(heads.filter((head) => head.length >= SHORTEST_HEAD))],
  };
}

/** The first piece of a text that is long enough to know it by, without space that a model may write otherwise. */
function headOf(text: LlamaText): string {
  const pieces = text.values.flatMap((value) => plainText(LlamaText(value)).split('\n')).map((piece) => piece.trim());
  return pieces.find((piece) => piece.length >= SHORTEST_HEAD) ?? plainText(text).trim();
}

/** The characters of a text, control tokens by their names, without begin and end tokens. */
export function plainText(text: LlamaText): string {
  return text.values
    .map((value) => (typeof value === 'string' ? value : value instanceof SpecialToken ? '' : value.value))
    .join('');
}

import type { LlamaModel, Token } from 'node-llama-cpp';
import type { Text } from './jinja/text.ts';

/** Types of tokens in a GGUF file that a text means only where control tokens are asked for. */
const CONTROL_TYPES = new Set([2, 3]);
/** llama.cpp makes control tokens of some that a file calls otherwise; all are written so. */
const LOOKS_LIKE_CONTROL = /^[<[].*[>\]]$/s;

/** The control tokens of a model, by their texts. */
export interface ControlTokens {
  has(text: string): boolean;
  /**
   * Tokens of a text of a template. The names of control tokens mean these only where the template wrote them: whatever comes
   * with a request stays text.
   * @param continues whether the text stands behind others, so that no space is put before it
   */
  encode(text: Text, continues?: boolean): Token[];
}

/** Where a text has the name of a control token. */
interface Found {
  readonly from: number;
  readonly to: number;
  readonly own: boolean;
}

/** Reads them out of a model. */
export function controlTokens(model: Pick<LlamaModel, 'tokenize' | 'getTokenAttributes' | 'fileInfo'>): ControlTokens {
  const { tokens: texts, token_type: types } = model.fileInfo.metadata.tokenizer.ggml;
  const names = new Set(
    texts.filter((text, id) => {
      if (text === '') return false;
      if (CONTROL_TYPES.has(types?.[id] ?? 0)) return true;
      return LOOKS_LIKE_CONTROL.test(text) && model.getTokenAttributes(id as Token).control;
    }),
  );
  const find = finder(names);
  return {
    has: (name) => names.has(name),
    encode(text, continues = false) {
      const trim = continues ? 'trimLeadingSpace' : undefined;
      const found = find(text);
      // As one piece wherever that is safe: a tokenizer may treat text beside a control token in ways of its own.
      if (found.every(({ own }) => own)) return model.tokenize(text.text, true, trim);
      const tokens: Token[] = [];
      let at = 0;
      for (const { from, to } of [
        ...found.filter(({ own }) => own),
        { from: text.text.length, to: text.text.length },
      ]) {
        tokens.push(...model.tokenize(text.text.slice(at, from), false, at === 0 ? trim : undefined));
        tokens.push(...model.tokenize(text.text.slice(from, to), true));
        at = to;
      }
      return tokens;
    },
  };
}

/** Finds names in a text, the longest at each place, and tells whether the template wrote all of it. */
function finder(names: ReadonlySet<string>): (text: Text) => Found[] {
  const lengths = [...new Set([...names].map((name) => name.length))].sort((left, right) => right - left);
  const first = new Set([...names].map((name) => name.charAt(0)));
  return (whole) => {
    const { text } = whole;
    const found: Found[] = [];
    for (let from = 0; from < text.length; ) {
      const here = first.has(text.charAt(from))
        ? lengths.filter((length) => names.has(text.slice(from, from + length)))
        : [];
      const own = here.find((length) => whole.slice(from, from + length).parts.every((part) => part.own));
      // What a request brought stays text; what the template wrote around or within it counts.
      for (const length of here)
        if (own === undefined || length > own) found.push({ from, to: from + length, own: false });
      if (own !== undefined) found.push({ from, to: from + own, own: true });
      from += own ?? 1;
    }
    return found;
  };
}

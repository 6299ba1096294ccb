import type { ChatRequest, CompletionRequest, Usage } from '@smmf/protocol';

/** The words of a text. */
export function wordsOf(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

/** The text of the last message; parts that are no text are left out. */
export function lastText({ messages }: ChatRequest): string {
  const content = messages.at(-1)?.content ?? '';
  return typeof content === 'string' ? content : content.map(({ text = '' }) => text).join(' ');
}

/** The text of a prompt; token ids are written as numbers. */
export function promptText({ prompt }: CompletionRequest): string {
  return typeof prompt === 'string' ? prompt : prompt.flat().join(' ');
}

/** What the demo model answers: `echo:` and the words of the prompt again, over and over, `limit` words in all. */
function answerWords(text: string, limit: number | null | undefined): readonly string[] {
  const said = ['echo:', ...wordsOf(text)];
  return Array.from({ length: limit ?? said.length }, (_, index) => said[index % said.length] ?? '');
}

/** The fields of a request that bear on an answer, whichever of the two names the limit has. */
interface Asked {
  readonly max_completion_tokens?: number | null | undefined;
  readonly max_tokens?: number | null | undefined;
  readonly stop?: string | readonly string[] | null | undefined;
  readonly n?: number | null | undefined;
}

/** An answer in pieces of a word each, up to a stop text, and why it ends there. */
interface DemoAnswer {
  readonly pieces: readonly string[];
  readonly reason: 'stop' | 'length';
  /** How many choices say so. */
  readonly choices: number;
}

/** What the demo model answers to `text`. */
export function answerTo(text: string, asked: Asked): DemoAnswer {
  const limit = asked.max_completion_tokens ?? asked.max_tokens;
  const whole = answerWords(text, limit).join(' ');
  const ends = [asked.stop ?? []].flat().map((stop) => whole.indexOf(stop));
  const end = Math.min(whole.length, ...ends.filter((at) => at >= 0));
  const pieces = whole.slice(0, end).match(/^\S*| \S*/g) ?? [];
  const isCut = end < whole.length || limit === undefined || limit === null;
  return {
    pieces: end === 0 ? [] : pieces,
    reason: isCut || pieces.length < limit ? 'stop' : 'length',
    choices: asked.n ?? 1,
  };
}

/** One word is one token. */
export function usageOf(prompt: string, answered: number): Usage {
  const read = wordsOf(prompt).length;
  return { prompt_tokens: read, completion_tokens: answered, total_tokens: read + answered };
}

/** A vector of unit length from a text's letters: the same text gives the same vector, similar texts lie near. */
export function vectorOf(text: string, dimensions: number): Float32Array {
  const vector = new Float32Array(dimensions);
  for (const letter of text.toLowerCase()) {
    const at = (letter.codePointAt(0) ?? 0) % dimensions;
    vector[at] = (vector[at] ?? 0) + 1;
  }
  const length = Math.hypot(...vector) || 1;
  return vector.map((value) => value / length);
}

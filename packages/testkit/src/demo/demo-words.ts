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
export function answerWords(text: string, limit: number | null | undefined): readonly string[] {
  const said = ['echo:', ...wordsOf(text)];
  return Array.from({ length: limit ?? said.length }, (_, index) => said[index % said.length] ?? '');
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

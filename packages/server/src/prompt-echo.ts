/** So many characters in a row of a prompt are no coincidence. */
const ECHO_CHARS = 12;
/** Every echo holds a whole piece of this length that begins at a multiple of it in the prompt. */
const PIECE_CHARS = 6;
/** Places of one piece in a text that are compared: a text may be one piece over and over. */
const MAX_PLACES = 16;
/** Longer bodies are looked at as they stand, at their start and at their end. */
const PARSE_BYTES = 512 * 1024;
const LOOK_BYTES = 256 * 1024;

/** Fields that hold what a user wrote, in the requests of all tasks. */
const PROMPT_FIELDS = ['messages', 'prompt', 'input', 'query', 'documents', 'suffix'];
/** Fields inside them whose values are words of the API. */
const API_WORDS = new Set(['role', 'type', 'id', 'name', 'tool_call_id', 'detail', 'format']);

function collectTexts(value: unknown, texts: string[]): void {
  if (typeof value === 'string') texts.push(value);
  else if (Array.isArray(value)) for (const item of value) collectTexts(item, texts);
  else if (typeof value === 'object' && value !== null) {
    for (const [name, item] of Object.entries(value)) if (!API_WORDS.has(name)) collectTexts(item, texts);
  }
}

function promptTexts(body: Buffer): string[] {
  if (body.length > PARSE_BYTES) {
    return [body.toString('utf8', 0, LOOK_BYTES), body.toString('utf8', body.length - LOOK_BYTES)];
  }
  const texts: string[] = [];
  try {
    const value: unknown = JSON.parse(body.toString());
    if (typeof value === 'object' && value !== null) {
      for (const field of PROMPT_FIELDS) collectTexts(Reflect.get(value, field), texts);
    }
  } catch {
    texts.push(body.toString());
  }
  return texts;
}

/** The length of what stands in both texts around one piece that they share. */
function sharedLength(text: string, at: number, prompt: string, promptAt: number): number {
  let before = 0;
  while (before < at && before < promptAt && text[at - before - 1] === prompt[promptAt - before - 1]) before++;
  let after = PIECE_CHARS;
  while (at + after < text.length && text[at + after] === prompt[promptAt + after]) after++;
  return before + after;
}

function isEcho(text: string, pieces: ReadonlyMap<string, readonly number[]>, prompt: string): boolean {
  if (prompt.length < ECHO_CHARS) return prompt.length >= PIECE_CHARS && text.includes(prompt);
  for (let at = 0; at + PIECE_CHARS <= prompt.length; at += PIECE_CHARS) {
    const places = pieces.get(prompt.slice(at, at + PIECE_CHARS)) ?? [];
    if (places.some((place) => sharedLength(text, place, prompt, at) >= ECHO_CHARS)) return true;
  }
  return false;
}

/**
 * Does a text of an engine repeat what the user wrote: 12 characters in a row of a prompt, or a whole short one of at least 6.
 *
 * @param text at most some kilobytes
 * @param body the request, JSON
 */
export function repeatsPrompt(text: string, body: Buffer): boolean {
  const pieces = new Map<string, number[]>();
  for (let at = 0; at + PIECE_CHARS <= text.length; at++) {
    const piece = text.slice(at, at + PIECE_CHARS);
    const places = pieces.get(piece);
    if (places && places.length < MAX_PLACES) places.push(at);
    else if (!places) pieces.set(piece, [at]);
  }
  return promptTexts(body).some((prompt) => isEcho(text, pieces, prompt));
}

import type { Json, Said } from './dialect.ts';

/** Tokens of every scripted answer. */
export const USAGE = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 } as const;

/** Characters of one to four bytes, and a quoted line end. */
const GREETING = 'Grüße aus Wien: 24 °C, "晴", 🌤️\nund später Regen.';

/** What the model says in each scenario; ids of calls are the vendor's. */
export const SAID: Readonly<Record<string, Said>> = {
  chat: { text: GREETING },
  tools: { calls: [{ id: '', name: 'weather', arguments: '{"city":"Wien","unit":"°C"}' }] },
  'two tools': {
    text: 'I look twice.',
    calls: [
      { id: '', name: 'weather', arguments: '{"city":"Wien"}' },
      { id: '', name: 'weather', arguments: '{"city":"Graz"}' },
    ],
  },
  json: { text: '{"city":"Wien","degrees":24}' },
  image: { text: 'A red square.' },
  reasoning: { reasoning: 'The user greets; I greet back – 你好.', text: 'Hello.' },
};

const SCENARIO = /scenario: ([^\n]+)/;

/** The text of a message's content: a text, or the text parts of a list. */
export function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  const parts = content as readonly Json[];
  return parts.map(({ type, text }) => (type === 'text' && typeof text === 'string' ? text : '')).join('');
}

/** Which scenario a request asks for: the text after `scenario: ` in its last user message, query or last input; default `chat`. */
export function scenarioOf(body: Json): string {
  const messages = (body.messages ?? []) as readonly Json[];
  const asked = messages.findLast(({ role }) => role === 'user')?.content ?? [body.input].flat().at(-1) ?? body.query;
  return SCENARIO.exec(textOf(asked))?.[1] ?? 'chat';
}

/** What is said in a scenario; `finish WORD` is a short text that ends so, `stop` and all others the greeting. */
export function saidIn(scenario: string): Said {
  const [, finish] = /^finish (.+)$/.exec(scenario) ?? [];
  if (finish !== undefined) return { text: 'Short.', finish };
  return SAID[scenario] ?? (SAID.chat as Said);
}

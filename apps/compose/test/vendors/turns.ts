import type { Dialect, Json, Said } from './dialect.ts';

/** How many times the model calls the tool before it says what it saw. */
export const TURNS = 5;

/** What the tool gives in one turn. */
export const toolResult = (turn: number): string => `result ${turn} – 晴`;

const list = (value: unknown): readonly Json[] => (Array.isArray(value) ? (value as readonly Json[]) : []);

/** Results of tools in a history whose call stands in it before them. */
function matchedResults(messages: readonly Json[]): string[] {
  const called = new Set<unknown>();
  const results: string[] = [];
  for (const { role, tool_calls, tool_call_id, content } of messages) {
    for (const { id } of list(tool_calls)) called.add(id);
    if (role === 'tool' && called.has(tool_call_id)) results.push(String(content));
  }
  return results;
}

/**
 * The model in a conversation of {@link TURNS} tool calls: it calls the tool once more, or tells all results that the history holds.
 * A result whose call the history has lost is not told.
 */
export function turnOf(body: Json, { reasoning }: Dialect): Said {
  const results = matchedResults(list(body.messages));
  const thought = reasoning === undefined ? {} : { reasoning: `Thought of turn ${results.length}.` };
  if (results.length >= TURNS) return { ...thought, text: results.join('|') };
  return { ...thought, calls: [{ id: '', name: 'look', arguments: `{"turn":${results.length}}` }] };
}

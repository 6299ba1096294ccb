import { type CallSyntax, GENERIC_CALLS, MISTRAL_CALLS, syntaxOf } from './call-syntax.ts';
import type { Message } from './chat-messages.ts';
import { jsonText, toValue } from './jinja/json.ts';
import type { Text } from './jinja/text.ts';
import type { Value } from './jinja/value.ts';
import { type TemplateAbilities, toTemplate } from './template-messages.ts';

/** Renders messages; throws what a template throws. */
export type Render = (messages: readonly Value[], names: Readonly<Record<string, Value>>) => Text;

/** What a template is found to do. */
export interface TemplateTraits {
  readonly abilities: TemplateAbilities;
  readonly syntax: CallSyntax;
  /** The control token or mark that ends a turn of the assistant. */
  readonly turnEnd: string | undefined;
}

const WORDS = {
  system: 'probe-system',
  user: 'probe-user',
  text: 'probe-text',
  result: 'probe-result',
  tool: 'probe_tool',
  name: 'probe_call',
  arguments: '{"probe_key": "probe-value"}',
  value: 'probe-value',
  id: 'probeid09',
};

const message = (role: Message['role'], content: string | undefined, more: Partial<Message> = {}): Message => ({
  ...{ role, content, calls: [], callId: undefined, fields: [] },
  ...more,
});
const system = message('system', WORDS.system);
const user = message('user', WORDS.user);
const text = message('assistant', WORDS.text);
const result = message('tool', WORDS.result, { callId: WORDS.id });
const call = message('assistant', undefined, {
  calls: [{ id: WORDS.id, name: WORDS.name, arguments: jsonText(WORDS.arguments) }],
});
const TOOLS = toValue([
  {
    type: 'function',
    function: {
      name: WORDS.tool,
      description: 'probe',
      parameters: { type: 'object', properties: { probe_key: { type: 'string' } }, required: ['probe_key'] },
    },
  },
]);

/** Everything that a template may be able to do. */
const ALL: TemplateAbilities = {
  ...{ system: true, developer: false, tools: true, calls: true, results: true },
  ...{ parts: false, absentContent: false, shortIds: false },
};

/** Finds out what a template does by having it render conversations of known words. */
export function probeTemplate(source: string, render: Render): TemplateTraits {
  const abilities = { ...ALL, ...statedAbilities(source) };
  const say = (messages: readonly Message[], names: Readonly<Record<string, Value>> = {}): string => {
    try {
      return render(toTemplate(messages, abilities), names).text;
    } catch {
      return '';
    }
  };
  if (!say([user]).includes(WORDS.user)) {
    abilities.parts = true;
    abilities.parts = say([user]).includes(WORDS.user);
  }
  const tools = { tools: TOOLS };
  const turns = [
    [user, call, result, text, user],
    [user, call, result],
    [user, call],
  ].map((turn) => say(turn, tools));
  const withCall = turns.find((turn) => turn.includes(WORDS.name) || turn.includes(WORDS.value)) ?? '';
  const probed = {
    ...abilities,
    system: say([system, user]).includes(WORDS.system),
    tools: say([user], tools).includes(WORDS.tool),
    calls: withCall !== '',
    results: turns.some((turn) => turn.includes(WORDS.result)),
  };
  const withText = say([user, text, user], tools) || say([user, text], tools);
  const syntax = syntaxOf({ call: withCall, text: withText, words: WORDS }, source);
  return { abilities: probed, syntax: syntax ?? familyOf(source), turnEnd: turnEndOf(withText) };
}

/** What the words of a template say. */
function statedAbilities(source: string) {
  return {
    developer: /['"]developer['"]/.test(source),
    absentContent: /content['"\])]*\s+is\s+(not\s+)?none/.test(source),
    shortIds: /length\s*!=\s*9/.test(source),
  };
}

const familyOf = (source: string): CallSyntax =>
  source.includes('[TOOL_CALLS]') && source.includes('[ARGS]') ? MISTRAL_CALLS : GENERIC_CALLS;

/** The mark right behind what the assistant said. */
function turnEndOf(rendered: string): string | undefined {
  const at = rendered.indexOf(WORDS.text);
  return at < 0 ? undefined : /^\s*(<[^<>\s]+>|\[[^\][\s]+\])/.exec(rendered.slice(at + WORDS.text.length))?.[1];
}

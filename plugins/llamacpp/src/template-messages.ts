import { createHash } from 'node:crypto';
import { foreign, type Message, type MessageCall } from './chat-messages.ts';
import { jsonText, toJson } from './jinja/json.ts';
import { Text } from './jinja/text.ts';
import type { Dict, Value } from './jinja/value.ts';

/** What a template can hold; what it cannot is put in another way. */
export interface TemplateAbilities {
  readonly system: boolean;
  /** Knows the role "developer"; it is "system" otherwise. */
  readonly developer: boolean;
  readonly tools: boolean;
  readonly calls: boolean;
  readonly results: boolean;
  /** Reads content as a list of parts only. */
  readonly parts: boolean;
  /** Asks whether content is none, beside calls. */
  readonly absentContent: boolean;
  /** Takes ids of calls only if they have nine letters or digits. */
  readonly shortIds: boolean;
}

/** The messages as a template takes them. */
export function toTemplate(messages: readonly Message[], abilities: TemplateAbilities): Value[] {
  const known = messages.map((message) => adapted(message, abilities));
  return (abilities.system ? known : withoutSystem(known)).map((message) => toDict(message, abilities));
}

interface Adapted extends Omit<Message, 'content'> {
  readonly content: Text | undefined;
}

/** In a way that the template can hold. */
function adapted(message: Message, { developer, calls, results }: TemplateAbilities): Adapted {
  const content = message.content === undefined ? undefined : foreign(message.content);
  if (message.role === 'developer' && !developer) return { ...message, role: 'system', content };
  if (message.role === 'tool' && !results)
    return { ...message, role: 'user', content: enclosed('tool_response', content) };
  if (message.calls.length === 0 || calls) return { ...message, content };
  const written = message.calls.map(writtenCall);
  return {
    ...message,
    calls: [],
    content: Text.join([...(content?.text ? [content] : []), ...written], Text.own('\n')),
  };
}

/** A call as {@link GENERIC_CALLS} has it. */
function writtenCall({ name, arguments: given }: MessageCall): Text {
  const json = [Text.own('{"name": '), toJson(foreign(name)), Text.own(', "arguments": '), given.text, Text.own('}')];
  return enclosed('tool_call', Text.join(json));
}

const enclosed = (tag: string, content = Text.own('')): Text =>
  Text.join([Text.own(`<${tag}>\n`), content, Text.own(`\n</${tag}>`)]);

/** System messages stand at the beginning of the user's message behind them. */
function withoutSystem(messages: readonly Adapted[]): Adapted[] {
  const kept: Adapted[] = [];
  let held: Text[] = [];
  for (const message of messages) {
    if (message.role === 'system') held.push(message.content ?? Text.own(''));
    else if (message.role === 'user' && held.length > 0) {
      kept.push({ ...message, content: Text.join([...held, message.content ?? Text.own('')], Text.own('\n\n')) });
      held = [];
    } else kept.push(message);
  }
  if (held.length === 0) return kept;
  return [
    ...kept,
    { role: 'user', content: Text.join(held, Text.own('\n\n')), calls: [], callId: undefined, fields: [] },
  ];
}

function toDict(message: Adapted, abilities: TemplateAbilities): Dict {
  const { role, calls, callId, fields } = message;
  const dict: Dict = new Map<string, Value>([['role', Text.own(role)]]);
  dict.set('content', contentFor(message, abilities));
  for (const [name, value] of fields) dict.set(name, value);
  if (calls.length > 0)
    dict.set(
      'tool_calls',
      calls.map((call) => callDict(call, abilities)),
    );
  if (role === 'tool' && callId !== undefined) dict.set('tool_call_id', idFor(callId, abilities));
  return dict;
}

function contentFor({ role, content }: Adapted, { parts, absentContent }: TemplateAbilities): Value {
  if (!content) return absentContent ? null : Text.own('');
  if (parts)
    return [
      new Map<string, Value>([
        ['type', Text.own('text')],
        ['text', content],
      ]),
    ];
  return role === 'tool' ? jsonText(content.text) : content;
}

const callDict = ({ id, name, arguments: given }: MessageCall, abilities: TemplateAbilities): Dict =>
  new Map<string, Value>([
    ['id', idFor(id, abilities)],
    ['type', Text.own('function')],
    [
      'function',
      new Map<string, Value>([
        ['name', foreign(name)],
        ['arguments', given],
      ]),
    ],
  ]);

/** Short ids are made of the given ones, so that a result still names its call. */
function idFor(id: string, { shortIds }: TemplateAbilities): Text {
  if (!shortIds || /^[a-zA-Z0-9]{9}$/.test(id)) return foreign(id);
  return Text.own(createHash('sha256').update(id).digest('hex').slice(0, 9));
}

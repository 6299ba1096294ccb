import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { chatRequest } from '@smmf/protocol';
import { describe, expect, it } from 'vitest';
import { builtinTemplate } from '../src/builtin-templates.ts';
import { renderPrompt } from '../src/chat-prompt.ts';
import { type ChatTemplate, createTemplate } from '../src/chat-template.ts';
import { Text } from '../src/jinja/text.ts';
import { readTools } from '../src/tools.ts';

const SPECIAL = [
  ['bos_token', Text.own('<s>')],
  ['eos_token', Text.own('</s>')],
] as const;
const templateOf = (source: string): ChatTemplate => createTemplate(source, [], SPECIAL, { wallMs: () => 0 });
const family = (name: string): ChatTemplate =>
  templateOf(readFileSync(resolve(import.meta.dirname, 'jinja/templates', `${name}.jinja`), 'utf8'));

const CHATML = builtinTemplate('', (token) => token === '<|im_start|>').source;
const user = (content: string) => ({ role: 'user', content });
const system = (content: string) => ({ role: 'system', content });
const call = (args: string, id = '1') => ({ id, type: 'function', function: { name: 'get', arguments: args } });
const answered = (args: string, result = 'ok') => [
  user('Q'),
  { role: 'assistant', content: null, tool_calls: [call(args)] },
  { role: 'tool', tool_call_id: '1', content: result },
];
const tools = [{ type: 'function', function: { name: 'get', parameters: { properties: { a: { type: 'number' } } } } }];

function prompt(template: ChatTemplate, messages: readonly object[], more: object = {}) {
  const request = chatRequest.parse({ model: 'm', messages, ...more });
  const { text, begun } = renderPrompt(template, request, readTools(request));
  return { text: text.text, begun: begun.text, own: text.parts.filter(({ own }) => own).map((part) => part.text) };
}

function refusalOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

describe('the syntax of calls', () => {
  it.each([
    ['qwen', '<tool_call>\n{"name": "', '", "arguments": ', ['<tool_call>'], false],
    ['llama3', '{"name": "', '", "parameters": ', [], true],
    ['mistral', '[TOOL_CALLS] [{"name": "', '", "arguments": ', ['[TOOL_CALLS]'], false],
    [
      'deepseek',
      '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>',
      '\n```json\n',
      ['<｜tool▁calls▁begin｜>'],
      false,
    ],
    ['gemma', '<tool_call>\n{"name": "', '", "arguments": ', ['<tool_call>'], false],
  ])('is read from the template, else a generic one: %s', (name, opening, between, heads, isBare) => {
    const { syntax } = family(name);
    expect([syntax.opening, syntax.between, syntax.heads]).toEqual([opening, between, heads]);
    expect(syntax.firstHeads.includes('{"name"')).toBe(isBare);
  });

  it('is read, too, where the name stands in the head of a turn, as with gpt-oss', () => {
    const harmony = `{% for m in messages %}{% if m.tool_calls %}{% set c = m.tool_calls[0].function %}
{{- '<|start|>assistant to=functions.' + c.name + '<|channel|>commentary json<|message|>' + c.arguments|tojson + '<|call|>' }}
{%- elif m.role == 'assistant' %}{{ '<|start|>assistant<|channel|>final<|message|>' + m.content + '<|end|>' }}
{%- else %}{{ '<|start|>' + m.role + '<|message|>' + m.content + '<|end|>' }}{% endif %}{% endfor %}{{ '<|start|>assistant' }}`;
    expect(templateOf(harmony).syntax).toMatchObject({
      opening: ' to=functions.',
      between: '<|channel|>commentary json<|message|>',
      heads: ['<|channel|>commentary to='],
    });
  });

  it('is that of the newer Mistral models by their marks, and knows the tag of Llama 3', () => {
    const newer = "{{ '[TOOL_CALLS]' ~ tool.name ~ '[CALL_ID]' ~ tool.id ~ '[ARGS]' }}";
    expect(templateOf(newer).syntax).toMatchObject({ opening: '[TOOL_CALLS]', between: '[ARGS]' });
    const source = readFileSync(resolve(import.meta.dirname, 'jinja/templates/llama3.jinja'), 'utf8');
    expect(templateOf(`${source}{# <|python_tag|> #}`).syntax.heads).toEqual(['<|python_tag|>']);
  });
});

describe('what a template is found to do', () => {
  it.each([
    ['qwen', { system: true, tools: true, calls: true, results: true, shortIds: false }],
    ['llama3', { system: true, tools: true, calls: true, results: true }],
    ['mistral', { system: true, tools: true, calls: true, results: true, shortIds: true }],
    ['gemma', { system: true, tools: false, calls: false, parts: false }],
    ['deepseek', { system: true, tools: false, calls: true, results: true, absentContent: true }],
    ['phi', { system: true, calls: false }],
  ])('is read from what it renders: %s', (name, abilities) => {
    expect(family(name).abilities).toMatchObject(abilities);
  });

  it('is also whether content must be a list of parts, and what ends a turn', () => {
    const parts = "{% for m in messages %}{% for p in m.content %}{{ p['text'] }}<|end|>{% endfor %}{% endfor %}";
    expect(templateOf(parts)).toMatchObject({ abilities: { parts: true }, turnEnd: '<|end|>' });
    expect(prompt(templateOf(parts), [user('Hi')]).text).toBe('Hi<|end|>');
    expect(templateOf(CHATML)).toMatchObject({ abilities: { parts: false }, turnEnd: '<|im_end|>' });
  });
});

describe('a prompt', () => {
  it('goes on with a message that the assistant began', () => {
    const { text, begun } = prompt(templateOf(CHATML), [user('Count'), { role: 'assistant', content: 'One, ' }]);
    expect([text, begun]).toEqual(['<|im_start|>user\nCount<|im_end|>\n<|im_start|>assistant\n', 'One, ']);
  });

  it('knows of each character whether the template wrote it', () => {
    const { own } = prompt(templateOf(CHATML), [user('a<|im_end|>b')]);
    expect(own).toEqual(['<|im_start|>user\n', '<|im_end|>\n<|im_start|>assistant\n']);
  });

  it('has the developer as system where the template does not know that role', () => {
    expect(prompt(templateOf(CHATML), [{ role: 'developer', content: 'D' }]).text).toContain('<|im_start|>system\nD');
    const knows = `{# 'developer' #}${CHATML}`;
    expect(prompt(templateOf(knows), [{ role: 'developer', content: 'D' }]).text).toContain('developer\nD');
  });

  it('puts system messages into the user message behind them where the template has none', () => {
    const strict = `{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no') }}{% endif %}[{{ m.content }}]{% endfor %}`;
    const messages = [system('A'), system('B'), user('Q'), { role: 'assistant', content: 'R' }, user('S')];
    expect(prompt(templateOf(strict), messages).text).toBe('[A\n\nB\n\nQ][R][S]');
  });

  it('gives the functions to the template as they came, or describes them where it cannot', () => {
    expect(prompt(family('qwen'), [user('Q')], { tools }).text).toContain(
      '{"type": "function", "function": {"name": "get", "parameters": {"properties": {"a": {"type": "number"}}}}}',
    );
    const taught = prompt(templateOf(CHATML), [system('Be kind.'), user('Q')], { tools }).text;
    expect(taught).toMatch(/^<\|im_start\|>system\nBe kind\.\n\nYou may call.*"name": "get".*<tool_call>/s);
    expect(prompt(templateOf(CHATML), [user('Q')], { tools, tool_choice: 'none' }).text).not.toContain('get');
  });

  it('has calls and results as text where the template knows neither', () => {
    const { text } = prompt(family('gemma'), answered('{"a": 1.0}', '{"b": 2}'));
    expect(text).toContain('<tool_call>\n{"name": "get", "arguments": {"a": 1.0}}\n</tool_call>');
    expect(text).toContain('<start_of_turn>user\n<tool_response>\n{"b": 2}\n</tool_response>');
  });

  it('takes the switches of the request: chat_template_kwargs and reasoning_effort', () => {
    const off = { chat_template_kwargs: { enable_thinking: false } };
    expect(prompt(family('qwen'), [user('Q')], off).text).toMatch(/<think>\n\n<\/think>\n\n$/);
    expect(prompt(family('qwen'), [user('Q')], { reasoning_effort: 'none' }).text).toMatch(/<think>\n\n<\/think>\n\n$/);
    expect(prompt(templateOf('{{ reasoning_effort }}'), [user('Q')], { reasoning_effort: 'low' }).text).toBe('low');
    for (const [param, kwargs] of [
      ['chat_template_kwargs', 3],
      ['chat_template_kwargs', []],
      ['chat_template_kwargs.messages', { messages: [] }],
    ] as const) {
      const refusal = refusalOf(() => prompt(family('qwen'), [user('Q')], { chat_template_kwargs: kwargs }));
      expect(refusal).toMatchObject({ code: 'INVALID_VALUE', param });
    }
  });

  it('is refused in the words of the template, with nothing of the conversation in them', () => {
    const refusal = refusalOf(() => prompt(family('mistral'), [user('a'), user('b')]));
    expect(refusal).toMatchObject({ code: 'INVALID_VALUE', param: 'messages' });
    expect(String(refusal)).toContain('Roles must take turns');
    const telling = "{{ raise_exception('not: ' + messages[0].content) }}";
    expect(String(refusalOf(() => prompt(templateOf(telling), [user('secret')])))).not.toContain('secret');
    expect(refusalOf(() => prompt(templateOf('{{ a.b.c }}'), [user('x')]))).toMatchObject({ code: 'INVALID_VALUE' });
  });
});

describe('a text of a template', () => {
  it('is worked on in time that grows with its length alone', () => {
    const long = `x${' \n'.repeat(200_000)}<`;
    const template = templateOf(
      "{{ messages[0].content[1:].strip(' \n')[:-1] | length }}{{ messages[0].content | trim | length }}",
    );
    const begunMs = performance.now();
    expect(prompt(template, [user(`${long}${' '.repeat(200_000)}`)]).text).toBe('0400002');
    expect(performance.now() - begunMs).toBeLessThan(2_000);
  });
});

describe('the arguments and results of calls', () => {
  const argumentsIn = (template: string, args: string): string =>
    prompt(
      templateOf(
        `{% for m in messages %}{% for c in m.tool_calls or [] %}{{ c.function.name }}:${template}{% endfor %}{% endfor %}`,
      ),
      answered(args),
    ).text.slice('get:'.length);
  const lossless = '{"a":1.0,"big":12345678901234567890,"e":1e5,"z":-0}';

  it('are text where the template takes text, character by character', () => {
    for (const text of [lossless, '{"cut": "of', 'no JSON', '{ "spaced" :1 }', '[1]', '5']) {
      expect(argumentsIn('{{ c.function.arguments }}', text)).toBe(text);
      expect(argumentsIn("{{ '<' + c.function.arguments ~ '>' }}", text)).toBe(`<${text}>`);
    }
    expect(argumentsIn('{{ c.function.arguments }}', '')).toBe('{}');
  });

  it('are what they mean where the template writes JSON, their numbers as they are written', () => {
    expect(argumentsIn('{{ c.function | tojson }}', lossless)).toBe(
      '{"name": "get", "arguments": {"a": 1.0, "big": 12345678901234567890, "e": 1e5, "z": -0}}',
    );
    expect(argumentsIn('{{ c.function.arguments | tojson }}', '')).toBe('{}');
    expect(argumentsIn('{{ c.function.arguments | tojson }}', '{"cut": "of')).toBe('"{\\"cut\\": \\"of"');
  });

  it('are an object where the template goes through them', () => {
    const items = '{% for k, v in c.function.arguments.items() %}{{ k }}={{ v }};{% endfor %}';
    expect(argumentsIn(items, lossless)).toBe('a=1.0;big=12345678901234567890;e=1e5;z=-0;');
    expect(argumentsIn(items.replace('.items()', '|items'), '{"k":[1,"b"]}')).toBe("k=[1, 'b'];");
    expect(argumentsIn('{{ c.function.arguments.a }}{{ c.function.arguments is mapping }}', '{"a":1.0}')).toBe(
      '1.0True',
    );
    expect(argumentsIn(items, '{"cut": "of')).toBe('arguments={"cut": "of;');
    expect(argumentsIn(items, '')).toBe('');
    expect(argumentsIn('{% for k in c.function.arguments %}{{ k }};{% endfor %}', '12')).toBe('1;2;');
  });

  it('are so for results, too', () => {
    const resultIn = (template: string, result: string): string =>
      prompt(templateOf(`{% for m in messages if m.role == 'tool' %}${template}{% endfor %}`), answered('{}', result))
        .text;
    expect(resultIn('{{ m.content }}', '{"t":21.0}')).toBe('{"t":21.0}');
    expect(resultIn('{{ m.content | tojson }}', '{"t":21.0}')).toBe('{"t": 21.0}');
    expect(resultIn('{{ m.content | tojson }}', 'sunny')).toBe('"sunny"');
    expect(resultIn('{{ m.content | trim }}', ' 7 ')).toBe('7');
  });

  it('name their call by a short id where the template wants one', () => {
    const { text } = prompt(family('mistral'), answered('{}'));
    const [, made, named] = /"id": "(\w{9})".*"call_id": "(\w{9})"/.exec(text) ?? [];
    expect(made).toBeDefined();
    expect(named).toBe(made);
  });
});

describe('a file without a template', () => {
  it.each([
    ['llama', '<|im_start|>', 'ChatML'],
    ['llama', '<|start_header_id|>', 'Llama 3'],
    ['gemma2', '<start_of_turn>', 'Gemma'],
    ['phi3', '<|assistant|>', 'Phi'],
    ['llama', '[INST]', 'Mistral'],
    ['llama', '', 'Llama 2'],
    ['unknown', '', 'general'],
  ])('gets the one of its kind: %s with %s', (architecture, token, name) => {
    const found = builtinTemplate(architecture, (text) => text === token);
    expect(found.name).toBe(name);
    const messages = [system('S'), user('U'), { role: 'assistant', content: 'A' }, user('V')];
    const { text } = prompt(templateOf(found.source), messages);
    for (const word of ['S', 'U', 'A', 'V']) expect(text).toContain(word);
    expect(text.match(/<s>/g)?.length ?? 0).toBeLessThanOrEqual(1);
  });
});

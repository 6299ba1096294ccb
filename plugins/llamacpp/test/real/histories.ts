/** A conversation and what its request has besides. */
export interface History {
  readonly messages: readonly object[];
  readonly more?: object;
}

const user = (content: unknown) => ({ role: 'user', content });
const assistant = (content: unknown, more: object = {}) => ({ role: 'assistant', content, ...more });
const system = (content: unknown) => ({ role: 'system', content });
const developer = (content: unknown) => ({ role: 'developer', content });
const parts = (...texts: readonly string[]) => texts.map((text) => ({ type: 'text', text }));
const call = (id: string, args: string) => ({ id, type: 'function', function: { name: 'get', arguments: args } });
const tool = (id: string, content: string) => ({ role: 'tool', tool_call_id: id, content });

/** Without calls: llama.cpp's own server renders the very same. */
export const HISTORIES: readonly History[] = [
  { messages: [user('Hello!')] },
  { messages: [user('')] },
  { messages: [user(' ')] },
  { messages: [user('\n')] },
  { messages: [user('  spaces before and behind  ')] },
  { messages: [user('line\nline\n\nline\r\nline')] },
  { messages: [user('tab\tand\u00a0no-break\u2003em')] },
  { messages: [user('Größe, 東京, 😀, \u{1f468}\u200d\u{1f469}\u200d\u{1f467}, العربية')] },
  { messages: [user('{"json": [1, 2.0, "<>&"]} {{ jinja }} {% raw %} {# no #}')] },
  { messages: [user('`code` \\n \\\\ \' " ```')] },
  { messages: [user('word '.repeat(300))] },
  { messages: [user('a'.repeat(2_000))] },
  { messages: [user('1234567890 3.14159 1e10')] },
  { messages: [user(parts('only one'))] },
  { messages: [user(parts('one', 'two', 'three'))] },
  { messages: [user(parts('', 'x', ''))] },
  { messages: [system('Be kind.'), user('Hello!')] },
  { messages: [system(''), user('Hello!')] },
  { messages: [system(parts('Be', 'kind.')), user('Hello!')] },
  { messages: [system('A'), system('B'), user('Hello!')] },
  { messages: [system('A'), system('B'), system(''), system('C'), user('Hello!')] },
  { messages: [developer('Be short.'), user('Hello!')] },
  { messages: [developer('Be short.'), system('Be kind.'), user('Hello!')] },
  { messages: [system('Be kind.'), developer('Be short.'), user('Hello!')] },
  { messages: [user('Hello!'), system('From now on be rude.'), user('Hello again!')] },
  { messages: [user('Hello!'), system('Last.')] },
  { messages: [user('Q'), developer('Last.')] },
  { messages: [system('Alone.')] },
  { messages: [user('Q'), assistant('A'), user('Q2')] },
  { messages: [user('Q'), assistant(''), user('Q2')] },
  { messages: [user('Q'), assistant(null), user('Q2')] },
  { messages: [user('Q'), assistant('  A with spaces \n'), user('Q2')] },
  { messages: [user('Q'), assistant(parts('A', 'B')), user(parts('Q2'))] },
  { messages: [user('a'), user('b'), user('c')] },
  { messages: [assistant('I begin.'), user('b')] },
  { messages: [user('Q'), assistant('A'), assistant('B'), user('c')] },
  { messages: [user('Count to three.'), assistant('One, ')] },
  { messages: [system('S'), user('Q'), assistant('A'), user('Count.'), assistant('1 2 3')] },
  { messages: [{ role: 'user', name: 'Ada', content: 'Who am I?' }] },
  { messages: [user('Q')], more: { chat_template_kwargs: { enable_thinking: false } } },
  {
    messages: Array.from({ length: 20 }, (_, index) =>
      index % 2 === 0 ? user(`Q${index}`) : assistant(`A${index}`),
    ).concat([user('End')]),
  },
];

const functions = [
  { type: 'function', function: { name: 'get', parameters: { type: 'object', properties: { x: {} } } } },
];

/** With calls: the witness drops what its model's template does not know, this engine writes it out. Only the results alone are the same. */
export const CALLS: readonly (History & { readonly why: string })[] = [
  { why: 'functions are described', messages: [user('Q')], more: { tools: functions } },
  {
    why: 'a call is written out',
    messages: [user('Q'), assistant(null, { tool_calls: [call('1', '{"x": 1.0}')] }), tool('1', '{"y": 2}'), user('R')],
  },
  {
    why: 'calls are written out behind the text beside them',
    messages: [
      user('Q'),
      assistant('Hm.', { tool_calls: [call('1', '{}'), call('2', '')] }),
      tool('2', 'b'),
      tool('1', 'a'),
    ],
  },
];

import type { CallerKey } from '@smmf/runtime';

/** What a first request is made for. */
export interface FirstTryOptions {
  /** Origin of the OpenAI API. */
  readonly url: string;
  readonly models: readonly string[];
  /** What the model of this name does. */
  readonly tasksOf: (name: string) => readonly string[];
  /** Those that may call models; undefined for a server without keys. */
  readonly keys: readonly CallerKey[] | undefined;
}

// Without a limit a small model may ramble on until its context is full.
const BODIES: Readonly<Record<string, readonly [path: string, body: object]>> = {
  chat: ['chat/completions', { messages: [{ role: 'user', content: 'Hello!' }], max_tokens: 100 }],
  completions: ['completions', { prompt: 'Hello!', max_tokens: 100 }],
  embeddings: ['embeddings', { input: 'Hello!' }],
  rerank: ['rerank', { query: 'Hello!', documents: ['Hi', 'Bye'] }],
};

const quoted = (text: string): string =>
  /^[\w./:@=-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;

interface Choice {
  readonly model: string;
  readonly task: string;
  readonly key: CallerKey | undefined;
}

/** Something to try: a chat before anything else, with a key that a shell can name before another one. */
function choose({ models, tasksOf, keys }: FirstTryOptions): Choice | undefined {
  const usable = keys?.toSorted((a, b) => Number(a.variable === undefined) - Number(b.variable === undefined));
  const choices = Object.keys(BODIES).flatMap((task) =>
    (usable ?? [undefined]).flatMap((key) =>
      (key?.models ?? models).filter((name) => tasksOf(name).includes(task)).map((model) => ({ model, task, key })),
    ),
  );
  return choices[0];
}

/** Lines for a shell: a request that works as it stands, and what to put in where it holds a placeholder. Never a key. */
export function firstTry(options: FirstTryOptions): readonly string[] {
  const choice = choose(options);
  if (!choice) return ['(no key of the config may call a model)'];
  const { model, task, key } = choice;
  const [path, body] = BODIES[task] ?? ['', {}];
  const bearer =
    key?.variable === undefined ? "'authorization: Bearer YOUR_KEY'" : `"authorization: Bearer $${key.variable}"`;
  const parts = [
    'curl',
    // A certificate is seldom made out to the address of this machine.
    ...(options.url.startsWith('https:') ? ['-k'] : []),
    quoted(`${options.url}/v1/${path}`),
    ...(key ? ['-H', bearer] : []),
    "-H 'content-type: application/json'",
    `-d ${quoted(JSON.stringify({ model, ...body }))}`,
  ];
  const needsKey = key !== undefined && key.variable === undefined;
  return [parts.join(' '), ...(needsKey ? [`(YOUR_KEY: the key at ${key.place} of the config)`] : [])];
}

import { readdirSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readJson } from '../src/jinja/json.ts';
import { compileTemplate } from '../src/jinja/template.ts';
import { Text } from '../src/jinja/text.ts';
import { dictOf, itemsOf, type Value, written } from '../src/jinja/value.ts';

interface Rendered {
  readonly text?: string;
  readonly error?: string;
}

const folder = resolve(import.meta.dirname, 'jinja');
const read = (name: string): unknown => JSON.parse(readFileSync(resolve(folder, name), 'utf8'));
const expected = read('expected.json') as {
  readonly recorded: { readonly jinja2: string; readonly on: string };
  readonly snippets: readonly Rendered[];
  readonly templates: Readonly<Record<string, readonly Rendered[]>>;
};
const values = (name: string): readonly Value[] => itemsOf(readJson(readFileSync(resolve(folder, name), 'utf8')));
const snippets = values('snippets.json').map((pair) => itemsOf(pair));
const chats = values('chats.json');
const TOKENS = [
  ['bos_token', Text.own('<s>')],
  ['eos_token', Text.own('</s>')],
] as const;
const NOW = new Date(2026, 10, 5, 9, 7, 3).getTime();

function render(source: string, names: Value): Rendered {
  try {
    return { text: compileTemplate(source).render(dictOf(names) ?? [], NOW).text };
  } catch (error) {
    return { error: String(error) };
  }
}

/** What Python refuses is refused, in whatever words. */
const same = (ours: Rendered, theirs: Rendered) =>
  expect(theirs.error ? { error: ours.error !== undefined } : ours).toEqual(theirs.error ? { error: true } : theirs);

// The files beside were rendered by Python (test/jinja/record.py): nothing here needs it.
describe(`a template, as Python's jinja2 ${expected.recorded.jinja2} renders it (recorded on ${expected.recorded.on})`, () => {
  it.each(
    snippets.map(([source, names], index) => [written(source).text, names, expected.snippets[index] ?? {}] as const),
  )('%j', (source, names, theirs) => same(render(source, names), theirs));

  const files = readdirSync(resolve(folder, 'templates')).map((file) => basename(file, '.jinja'));
  it.each(files.flatMap((name) => chats.map((chat, index) => [name, index, chat] as const)))(
    'with the constructs of %s: chat %d',
    (name, index, chat) => {
      const source = readFileSync(resolve(folder, 'templates', `${name}.jinja`), 'utf8');
      const names = [...TOKENS, ...(dictOf(chat) ?? [])];
      same(render(source, new Map(names)), expected.templates[name]?.[index] ?? {});
    },
  );
});

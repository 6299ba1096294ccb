import { join } from 'node:path';
import { expect } from 'vitest';

const SCREENS = join(import.meta.dirname, '../../../../docs/screens');

/** What differs from run to run, and what the page shows in its place. */
const VARYING: readonly (readonly [RegExp, string])[] = [
  [/\b\d+(?:\.\d+)?( tokens?\/s)/g, '42$1'],
  [/\bpid \d+/g, 'pid 4711'],
  [/\b\d\d:\d\d:\d\d(?:\.\d+)?/g, '12:00:00'],
  [/\b\d{4}-\d\d-\d\d\b/g, '2026-01-01'],
];

/** Times are all one second; in a column, where more than one space follows, what comes after them stays where it is. */
function sameTimes(text: string): string {
  return text.replaceAll(/\b\d+(?:\.\d+)? ?(?:ms|s|min|h|d)\b( *)/g, (all, gap: string) =>
    gap.length > 1 ? '1 s'.padEnd(all.length) : `1 s${gap}`,
  );
}

/**
 * Holds a screen to the page `docs/screens/NAME.txt`; `vitest --update` writes it.
 * @param replaced texts of this run and what the page shows: `{ [String(port)]: '8100', [folder]: '~/models' }`
 */
export async function expectScreen(
  name: string,
  screen: string,
  replaced: Readonly<Record<string, string>> = {},
): Promise<void> {
  // Longest first: a folder may begin as another one does.
  const own = Object.entries(replaced).sort(([a], [b]) => b.length - a.length);
  const renamed = own.reduce((text, [from, to]) => text.replaceAll(from, () => to), screen);
  const plain = VARYING.reduce((text, [pattern, to]) => text.replaceAll(pattern, to), sameTimes(renamed));
  await expect(`${plain.trimEnd()}\n`).toMatchFileSnapshot(join(SCREENS, `${name}.txt`));
}

import { SmmfError, showPath } from '@smmf/core';
import type * as z from 'zod';

/** One fault of a config: where, and what to do. */
export interface Fault {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      next[j] = Math.min((next[j - 1] ?? 0) + 1, (row[j] ?? 0) + 1, (row[j - 1] ?? 0) + cost);
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** `; did you mean "port"?` when one of `known` is close to `word`, else the list of them, else nothing. */
export function didYouMean(word: string, known: readonly string[]): string {
  const near = known
    .map((name) => ({ name, far: distance(word.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.far - b.far)[0];
  if (near && near.far <= Math.max(2, Math.floor(word.length / 3)) && near.far < word.length - 1)
    return `; did you mean "${near.name}"?`;
  const longer = word.length < 3 ? undefined : known.find((name) => name.toLowerCase().startsWith(word.toLowerCase()));
  if (longer !== undefined) return `; did you mean "${longer}"?`;
  return known.length > 0 && known.length <= 24 ? `; known are ${[...known].sort().join(', ')}` : '';
}

/** The keys that a schema takes at `path`, for suggestions; empty where it takes any. */
export type KnownKeys = (path: readonly PropertyKey[]) => readonly string[];

function branchIssues(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const deep = issue.errors.find((issues) =>
    issues.some(({ path, code }) => path.length > 0 || code === 'unrecognized_keys'),
  );
  if (!deep) return [{ ...issue, message: unionMessage(issue) } as z.core.$ZodIssue];
  return deep.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })) as z.core.$ZodIssue[];
}

/** How a value of a type is written. */
const WRITTEN: Readonly<Record<string, string>> = {
  string: 'write a text',
  number: 'write a number',
  int: 'write a whole number',
  boolean: 'write true or false',
  object: 'write keys below it, each as key: value',
  record: 'write keys below it, each as key: value',
  array: 'write a list: [a, b]',
};

/** What to do about a value of another type; YAML may have made one of what looks like a text. */
function remedyOf({ expected, message }: z.core.$ZodIssueInvalidType): string {
  const [, received = ''] = /, received (\w+)$/.exec(message) ?? [];
  const written = WRITTEN[expected];
  if (received === '' || written === undefined) return '';
  if (received === 'undefined') return `; it is missing: ${written}`;
  if (expected === 'string' && /^(?:number|boolean|null)$/.test(received)) return '; write it in quotes';
  const isQuoted = received === 'string' && (expected === 'number' || expected === 'int');
  return isQuoted ? '; write it as a number, without quotes' : `; ${written}`;
}

function nearest({ values, input }: z.core.$ZodIssueInvalidValue): string {
  const hint = typeof input === 'string' ? didYouMean(input, values.map(String)) : '';
  return hint.includes('did you mean') ? hint : '';
}

/** zod's words, with what to do. */
function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') return `${issue.message}${remedyOf(issue)}`;
  return issue.code === 'invalid_value' ? `${issue.message}${nearest(issue)}` : issue.message;
}

/** What a schema says itself goes before what its branches say. */
function unionMessage(issue: z.core.$ZodIssueInvalidUnion): string {
  if (issue.message !== 'Invalid input') return issue.message;
  const messages = new Set(issue.errors.flatMap((issues) => issues.map(messageOf)));
  return [...messages].join(', or ') || issue.message;
}

/** The faults in a zod error, each below `prefix`; unknown keys come one by one, with a suggestion. */
function faultsOf(error: Pick<z.ZodError, 'issues'>, prefix: readonly PropertyKey[], knownKeys: KnownKeys): Fault[] {
  return error.issues.flatMap(branchIssues).flatMap((issue) => {
    const path = [...prefix, ...issue.path];
    if (issue.code === 'invalid_key') return [{ path, message: issue.issues[0]?.message ?? issue.message }];
    if (issue.code !== 'unrecognized_keys') return [{ path, message: messageOf(issue) }];
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: `unknown key${didYouMean(key, knownKeys(path))}`,
    }));
  });
}

const isWithin = (path: readonly PropertyKey[], outer: readonly PropertyKey[]): boolean =>
  outer.length <= path.length && outer.every((step, index) => step === path[index]);

/** Shorter values are too common to be taken for the value of a reference. */
const MIN_HIDDEN = 8;

/** The faults of one config. What follows only from another fault is left out, and values of references are never shown. */
export class FaultList {
  readonly #faults: Fault[] = [];
  readonly #unread: (readonly PropertyKey[])[] = [];
  readonly #hidden = new Map<string, string>();

  get size(): number {
    return this.#faults.length;
  }

  /** Left out where nobody knows what stands at `path`. */
  add(path: readonly PropertyKey[], message: string): void {
    if (!this.#unread.some((unread) => isWithin(path, unread))) this.#faults.push({ path, message });
  }

  /** A fault after which nobody knows the value at `path`. */
  addUnread(path: readonly PropertyKey[], message: string): void {
    this.add(path, message);
    this.#unread.push(path);
  }

  /** What zod found below `prefix`. A rule over a whole group says nothing while a part of the group is unknown. */
  addIssues(error: z.ZodError, prefix: readonly PropertyKey[], knownKeys: KnownKeys): void {
    const issues = error.issues.filter(({ code, path }) => code !== 'custom' || this.isKnown([...prefix, ...path]));
    for (const { path, message } of faultsOf({ issues }, prefix, knownKeys)) this.add(path, message);
  }

  /** Is everything at and below `path` as the config means it. */
  isKnown(path: readonly PropertyKey[]): boolean {
    return !this.#unread.some((unread) => isWithin(unread, path) || isWithin(path, unread));
  }

  /** From now on messages show `reference` where they would show `value`. */
  hide(value: string, reference: string): void {
    if (value.length >= MIN_HIDDEN) this.#hidden.set(value, reference);
  }

  /** All faults as one error; each is a line of its message and an entry of `details.faults`. */
  asError(file: string): SmmfError {
    const longestFirst = [...this.#hidden].sort(([a], [b]) => b.length - a.length);
    const lines = this.#faults.map(({ path, message }) => {
      const shown = longestFirst.reduce((text, [value, reference]) => text.replaceAll(value, () => reference), message);
      return `${showPath(path) || '(file)'}: ${shown}`;
    });
    const unique = [...new Set(lines)];
    const count = unique.length === 1 ? 'a fault' : `${unique.length} faults`;
    const text = `${file} has ${count}:\n${unique.map((line) => `  ${line}`).join('\n')}`;
    return new SmmfError('CONFIG_INVALID', text, { details: { faults: unique } });
  }
}

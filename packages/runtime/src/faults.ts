import { SmmfError } from '@smmf/core';
import type * as z from 'zod';

/** One fault of a config: where, and what to do. */
export interface Fault {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** `models.chat.workers[0].url`; names with dots or spaces in brackets. */
export function showPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    const plain = /^[\w$-]+$/.test(String(step)) ? String(step) : `["${String(step)}"]`;
    return text === '' || plain.startsWith('[') ? text + plain : `${text}.${plain}`;
  }, '');
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

function unionMessage(issue: z.core.$ZodIssueInvalidUnion): string {
  const messages = new Set(issue.errors.flatMap((issues) => issues.map(({ message }) => message)));
  return [...messages].join(', or ');
}

/** The faults in a zod error, each below `prefix`; unknown keys come one by one, with a suggestion. */
export function faultsOf(error: z.ZodError, prefix: readonly PropertyKey[], knownKeys: KnownKeys): Fault[] {
  return error.issues.flatMap(branchIssues).flatMap((issue) => {
    const path = [...prefix, ...issue.path];
    if (issue.code === 'invalid_key') return [{ path, message: issue.issues[0]?.message ?? issue.message }];
    if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message }];
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: `unknown key${didYouMean(key, knownKeys(path))}`,
    }));
  });
}

/** All faults as one error; each is a line of its message and an entry of `details.faults`. */
export function configError(file: string, faults: readonly Fault[]): SmmfError {
  const lines = faults.map(({ path, message }) => `${showPath(path) || '(file)'}: ${message}`);
  const unique = [...new Set(lines)];
  const count = unique.length === 1 ? 'a fault' : `${unique.length} faults`;
  return new SmmfError('CONFIG_INVALID', `${file} has ${count}:\n${unique.map((line) => `  ${line}`).join('\n')}`, {
    details: { faults: unique },
  });
}

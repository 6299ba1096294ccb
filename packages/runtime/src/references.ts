import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Fault } from './faults.ts';

const REFERENCE = /\$\{(env|file):([^}:]+)(?::-([^}]*))?\}/g;

/** What references are looked up in. */
export interface ReferenceContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly baseDir: string;
}

function lookUp(kind: string, name: string, context: ReferenceContext): string | undefined {
  if (kind === 'env') return context.env[name] || undefined;
  try {
    return readFileSync(resolve(context.baseDir, name), 'utf8').trimEnd();
  } catch {
    return undefined;
  }
}

function expandText(text: string, path: readonly PropertyKey[], context: ReferenceContext, faults: Fault[]): string {
  return text.replaceAll(REFERENCE, (whole, kind: string, name: string, fallback: string | undefined) => {
    const value = lookUp(kind, name, context) ?? fallback;
    if (value !== undefined) return value;
    const what = kind === 'env' ? `environment variable ${name} is not set` : `file ${name} cannot be read`;
    faults.push({ path, message: `${what}; set it, or give a default: \${${kind}:${name}:-value}` });
    return whole;
  });
}

/** The value with `${env:NAME}`, `${env:NAME:-default}` and `${file:PATH}` replaced in every text; faults are added. */
export function expandReferences(
  value: unknown,
  context: ReferenceContext,
  faults: Fault[],
  path: readonly PropertyKey[] = [],
): unknown {
  if (typeof value === 'string') return expandText(value, path, context, faults);
  if (Array.isArray(value))
    return value.map((item, index) => expandReferences(item, context, faults, [...path, index]));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [
    key,
    expandReferences(item, context, faults, [...path, key]),
  ]);
  return Object.fromEntries(entries);
}

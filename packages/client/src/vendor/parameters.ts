import { type BodyEdits, SmmfError } from '@smmf/core';
import type { TaskId } from '@smmf/protocol';
import type { Clamp, ParameterRule, VendorProfile } from './vendor-profile.ts';

/** A request as far as its parameters go. */
export interface AskedParameters {
  readonly task: TaskId;
  readonly stream: boolean;
  readonly names: Iterable<string>;
  has(name: string): boolean;
  /** JSON text of a field. */
  text(name: string): string;
}

/** What becomes of the fields: JSON texts by name, undefined for one that goes. */
interface Changes {
  readonly fields: Record<string, string | undefined>;
  readonly adjusted: Set<string>;
}

/** Fields that no rule may take: without them there is no request. */
const KEPT: ReadonlySet<string> = new Set(['model', 'messages', 'prompt', 'input', 'query', 'documents', 'stream']);

/**
 * The parameter map of a profile for one model, called once for each request; undefined where it has no rules for it.
 *
 * @param strict refuses what would be dropped or clamped
 * @returns a function that throws UNSUPPORTED_PARAMETER, or INVALID_VALUE for a value that would be clamped
 */
export function createParameterMap(
  { vendor, parameters = [], usage }: Pick<VendorProfile, 'vendor' | 'parameters' | 'usage'>,
  model: string,
  strict: boolean,
): ((asked: AskedParameters) => BodyEdits | undefined) | undefined {
  const rules = parameters.filter(({ when }) => when?.model?.test(model) ?? true);
  const hidesOptions = usage === 'unasked';
  if (rules.length === 0 && !hidesOptions) return undefined;
  return (asked) => {
    const changes: Changes = { fields: {}, adjusted: new Set() };
    for (const rule of rules) if (holds(rule, asked, changes)) apply(rule, asked, changes, vendor);
    // No loss: what they ask for comes in any case.
    if (hidesOptions && asked.has('stream_options')) changes.fields.stream_options = undefined;
    if (Object.keys(changes.fields).length === 0) return undefined;
    if (strict) refuse(changes, vendor);
    return { fields: changes.fields, adjusted: [...changes.adjusted] };
  };
}

function holds({ when }: ParameterRule, asked: AskedParameters, changes: Changes): boolean {
  if (!when) return true;
  if (when.tasks && !when.tasks.includes(asked.task)) return false;
  if (when.stream !== undefined && when.stream !== asked.stream) return false;
  if (!when.field) return true;
  const [name, text] = when.field;
  return text.test(textOf(name, asked, changes) ?? '');
}

/** The field as the rules before have left it. */
function textOf(name: string, asked: AskedParameters, { fields }: Changes): string | undefined {
  if (name in fields) return fields[name];
  return asked.has(name) ? asked.text(name) : undefined;
}

function parsedValue(name: string, asked: AskedParameters, changes: Changes): unknown {
  const text = textOf(name, asked, changes);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function apply(rule: ParameterRule, asked: AskedParameters, changes: Changes, vendor: string): void {
  refuseOthers(rule, asked, changes, vendor);
  for (const [from, to] of Object.entries(rule.rename ?? {})) rename(from, to, asked, changes);
  for (const [name, change] of Object.entries(rule.reshape ?? {})) {
    const value = parsedValue(name, asked, changes);
    const other = value === undefined || value === null ? undefined : change(value);
    if (other === null) changes.fields[name] = undefined;
    else if (other !== undefined) changes.fields[name] = JSON.stringify(other);
  }
  for (const name of rule.drop ?? []) drop(name, asked, changes);
  if (rule.allow) {
    const allowed = new Set(rule.allow);
    for (const name of asked.names) if (!allowed.has(name)) drop(name, asked, changes);
  }
  for (const [name, limits] of Object.entries(rule.clamp ?? {})) clamp(name, limits, asked, changes);
  for (const [name, value] of Object.entries(rule.default ?? {})) {
    if (textOf(name, asked, changes) === undefined) changes.fields[name] = JSON.stringify(value);
  }
}

function refuseOthers({ only }: ParameterRule, asked: AskedParameters, changes: Changes, vendor: string): void {
  for (const [name, served] of Object.entries(only ?? {})) {
    const value = parsedValue(name, asked, changes);
    if (value === undefined || value === null || value === served) continue;
    const text = `${vendor} serves ${name} = ${JSON.stringify(served)} only`;
    throw new SmmfError('UNSUPPORTED_PARAMETER', text, { param: name });
  }
}

function rename(from: string, to: string, asked: AskedParameters, changes: Changes): void {
  const text = textOf(from, asked, changes);
  if (text === undefined) return;
  changes.fields[from] = undefined;
  if (textOf(to, asked, changes) === undefined) changes.fields[to] = text;
}

/** A field that says nothing (null) is no loss. */
function drop(name: string, asked: AskedParameters, changes: Changes): void {
  const text = textOf(name, asked, changes);
  if (text === undefined || KEPT.has(name)) return;
  changes.fields[name] = undefined;
  if (text !== 'null') changes.adjusted.add(name);
}

function clamp(name: string, limits: Clamp, asked: AskedParameters, changes: Changes): void {
  const value = parsedValue(name, asked, changes);
  if (typeof value !== 'number') return;
  const nearest = nearestTo(value, limits);
  if (nearest === value) return;
  changes.fields[name] = JSON.stringify(nearest);
  changes.adjusted.add(name);
}

function nearestTo(value: number, { min, max, above, below, step = 0.01 }: Clamp): number {
  if (min !== undefined && value < min) return min;
  if (max !== undefined && value > max) return max;
  if (above !== undefined && value <= above) return above + step;
  return below !== undefined && value >= below ? Number((below - step).toFixed(6)) : value;
}

function refuse({ fields, adjusted }: Changes, vendor: string): void {
  const [name] = adjusted;
  if (name === undefined) return;
  const isGone = fields[name] === undefined;
  const what = isGone ? `${vendor} does not take ${name}` : `${vendor} takes ${name} up to ${fields[name]} here`;
  throw new SmmfError(isGone ? 'UNSUPPORTED_PARAMETER' : 'INVALID_VALUE', `${what}, and this model is strict`, {
    param: name,
  });
}

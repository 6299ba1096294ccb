import { causeText } from '@smmf/server';

/** Fields of a log line as JSON can carry them: errors become their texts, anything else that is unfit its name. */
export function plainFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, plain(value)]));
}

function plain(value: unknown): unknown {
  if (value instanceof Error) return causeText(value);
  try {
    return JSON.stringify(value) === undefined ? undefined : value;
  } catch {
    return String(value);
  }
}

import type * as z from 'zod';
import type { FaultList, KnownKeys } from './faults.ts';
import { type ExpandedConfig, placeKey } from './references.ts';

type Path = readonly PropertyKey[];

/** What a schema would take in the place of a text. */
interface Wanted {
  readonly path: Path;
  number: boolean;
  flag: boolean;
  /** Some texts would do, too: then the schema's own words say more. */
  text: boolean;
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const FLAG = /^(?:true|false)$/i;

function collect(issues: readonly z.core.$ZodIssue[], base: Path, found: Map<string, Wanted>): void {
  for (const issue of issues) {
    const path = [...base, ...issue.path];
    if (issue.code === 'invalid_union') for (const branch of issue.errors) collect(branch, path, found);
    const values: readonly unknown[] = issue.code === 'invalid_value' ? issue.values : [];
    const kind = issue.code === 'invalid_type' ? issue.expected : undefined;
    const wanted = found.get(placeKey(path)) ?? { path, number: false, flag: false, text: false };
    wanted.number ||= kind === 'number' || kind === 'int' || values.some((value) => typeof value === 'number');
    wanted.flag ||= kind === 'boolean' || values.some((value) => typeof value === 'boolean');
    wanted.text ||= kind === 'string' || values.some((value) => typeof value === 'string');
    found.set(placeKey(path), wanted);
  }
}

function convert(text: string, { number, flag }: Wanted): number | boolean | undefined {
  if (number && NUMBER.test(text) && Number.isFinite(Number(text))) return Number(text);
  return flag && FLAG.test(text) ? text.toLowerCase() === 'true' : undefined;
}

interface Slot {
  read(): unknown;
  write(value: unknown): void;
}

function slotOf(root: unknown, path: Path): Slot | undefined {
  const last = path.at(-1);
  const holder = path.slice(0, -1).reduce<unknown>((at, step) => Reflect.get(Object(at), step), root);
  if (last === undefined || typeof holder !== 'object' || holder === null) return undefined;
  return { read: () => Reflect.get(holder, last), write: (value) => void Reflect.set(holder, last, value) };
}

/** Turns references into what the schema wants; tells whether any was turned. */
function turn(
  issues: readonly z.core.$ZodIssue[],
  value: unknown,
  base: Path,
  references: ExpandedConfig['references'],
  faults: FaultList,
): boolean {
  const found = new Map<string, Wanted>();
  collect(issues, [], found);
  let isTurned = false;
  for (const wanted of found.values()) {
    const slot = slotOf(value, wanted.path);
    const text = slot?.read();
    const reference = references.get(placeKey([...base, ...wanted.path]));
    if (!slot || !reference || typeof text !== 'string' || (!wanted.number && !wanted.flag)) continue;
    const converted = convert(text, wanted);
    if (converted !== undefined) slot.write(converted);
    else if (!wanted.text) {
      const kind = [...(wanted.number ? ['a number'] : []), ...(wanted.flag ? ['true or false'] : [])].join(', or ');
      faults.addUnread([...base, ...wanted.path], `must be ${kind}, and ${reference} is not`);
    }
    isTurned ||= converted !== undefined;
  }
  return isTurned;
}

/**
 * Parses a part of an expanded config, the one that stands at `base`. Where the schema wants a number or a flag, a text that
 * came from exactly one reference is turned into it, in `value` too. Undefined after faults.
 */
export function parseTyped<S extends z.ZodType>(
  schema: S,
  value: unknown,
  base: Path,
  references: ExpandedConfig['references'],
  faults: FaultList,
  knownKeys: KnownKeys,
): z.output<S> | undefined {
  let parsed = schema.safeParse(value);
  while (!parsed.success && turn(parsed.error.issues, value, base, references, faults))
    parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  faults.addIssues(parsed.error, base, knownKeys);
  return undefined;
}

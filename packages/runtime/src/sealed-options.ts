import { isSecret } from '@smmf/core';

/**
 * Feeds hold references to secrets and never secrets. One that stands in the config as it is stays in this process: in the feed
 * an object with this key stands in its place, and names where it was written.
 */
const SEALED = '$secret';

/** Secrets that stand in the config as they are, by the place where they were written. */
export type SecretBook = Map<string, string>;

/** Variables and query parameters whose names say that their values are secret. */
export const SECRET_NAME = /key|token|secret|passw|pwd|credential|auth|^sig|signature/i;

/** Calls `visit` with every text in `value`. */
export function eachText(value: unknown, visit: (text: string) => void): void {
  if (typeof value === 'string') visit(value);
  else if (Array.isArray(value)) for (const item of value) eachText(item, visit);
  else if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) eachText(item, visit);
}

function secretsInUrl(text: string): string[] {
  if (!URL.canParse(text)) return [];
  const { username, password, searchParams } = new URL(text);
  const query = [...searchParams].filter(([name]) => SECRET_NAME.test(name)).map(([, value]) => value);
  return [...[username, password].filter((part) => part !== '').map(decodeURIComponent), ...query];
}

function eachSecret(value: unknown, visit: (secret: string) => void): void {
  if (isSecret(value)) visit(value.reveal());
  else if (Array.isArray(value)) for (const item of value) eachSecret(item, visit);
  else if (typeof value === 'object' && value !== null)
    for (const item of Object.values(value)) eachSecret(item, visit);
}

/**
 * The values that are secret among a plugin's options: what its schema calls so, and credentials in URLs.
 *
 * @param options with every reference replaced
 * @param parsed what the plugin's schema makes of them
 */
export function secretsAmong(options: unknown, parsed: unknown): ReadonlySet<string> {
  const values = new Set<string>();
  eachSecret(parsed, (secret) => values.add(secret));
  eachText(options, (text) => {
    for (const value of secretsInUrl(text)) values.add(value);
  });
  values.delete('');
  return values;
}

/** Does it hold a reference that names nothing on this machine, and so stayed as it is for another one to replace. */
const isLacking = (written: string, expanded: unknown): boolean =>
  written === expanded && /\$\{(?:env|file):/.test(written);

/**
 * A copy of `written` in which a text that shows one of `secrets` is put aside into `book`; references stay as they are.
 *
 * @param expanded the same options with every reference replaced
 * @param place where they stand in the config: `models.chat`
 */
export function sealOptions(
  written: unknown,
  expanded: unknown,
  secrets: ReadonlySet<string>,
  place: string,
  book: SecretBook,
): unknown {
  if (typeof written === 'string') {
    const isOpen = !isLacking(written, expanded) && [...secrets].some((secret) => written.includes(secret));
    if (!isOpen) return written;
    book.set(place, String(expanded));
    return { [SEALED]: place };
  }
  const inner = (key: string | number, value: unknown): unknown =>
    sealOptions(value, Reflect.get(Object(expanded), key), secrets, `${place}.${key}`, book);
  if (Array.isArray(written)) return written.map((item, index) => inner(index, item));
  if (typeof written !== 'object' || written === null) return written;
  return Object.fromEntries(Object.entries(written).map(([key, item]) => [key, inner(key, item)]));
}

/** The same with what was put aside in its place again; `onMissing` hears of what `book` does not hold. */
export function unsealOptions(
  value: unknown,
  book: ReadonlyMap<string, string>,
  onMissing: (place: string) => void,
): unknown {
  if (Array.isArray(value)) return value.map((item) => unsealOptions(item, book, onMissing));
  if (typeof value !== 'object' || value === null) return value;
  const { [SEALED]: place, ...others } = value as Readonly<Record<string, unknown>>;
  if (typeof place !== 'string' || Object.keys(others).length > 0) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unsealOptions(item, book, onMissing)]));
  }
  const secret = book.get(place);
  if (secret === undefined) onMissing(place);
  return secret;
}

/** Shorter values would be found in ordinary words. */
const MIN_LENGTH = 8;

interface KnownValues {
  /** Each known value, with the number of holders that are alive. */
  readonly values: Map<string, number>;
  /** Grows with every change. */
  version: number;
}

const SHARED = Symbol.for('smmf.known-secrets');

const holder = globalThis as { [SHARED]?: KnownValues };
/** One for the whole process: a copy of this package that a plugin brings must see what this copy knows. */
holder[SHARED] ??= { values: new Map(), version: 0 };
const known = holder[SHARED];
/** Finds any of them, and each of them; made anew when they have changed. */
let patterns: { readonly any: RegExp; readonly each: RegExp } | undefined;
let patternVersion = -1;

const holders = new FinalizationRegistry<string>((value) => {
  const left = (known.values.get(value) ?? 1) - 1;
  if (left > 0) known.values.set(value, left);
  else known.values.delete(value);
  known.version++;
});

/** Remembers a value for as long as its holder is alive. */
export function rememberSecret(holder: object, value: string): void {
  if (value.length < MIN_LENGTH) return;
  known.values.set(value, (known.values.get(value) ?? 0) + 1);
  holders.register(holder, value);
  known.version++;
}

/** Base64 of a value inside a longer text, which moves it by 0 to 2 bytes: what never depends on its neighbours. */
function base64Forms(value: string): string[] {
  const bytes = Buffer.from(value);
  return [0, 1, 2].flatMap((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64url');
    const url = text.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
    return [url, url.replaceAll('-', '+').replaceAll('_', '/')];
  });
}

function formsOf(value: string): string[] {
  const inUrl = encodeURIComponent(value);
  const lower = inUrl.replaceAll(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase());
  return [value, JSON.stringify(value).slice(1, -1), inUrl, lower, inUrl.replaceAll('%20', '+'), ...base64Forms(value)];
}

/**
 * Patterns of every known secret, as it is and as it looks in JSON, in a URL and in base64; the longest form first. `any` tells
 * whether there is one, which costs a third of a replacement that finds nothing; `each` is for the replacement.
 */
export function knownSecrets(): { readonly any: RegExp; readonly each: RegExp } {
  if (patterns && patternVersion === known.version) return patterns;
  patternVersion = known.version;
  const forms = [...new Set([...known.values.keys()].flatMap(formsOf))].sort((a, b) => b.length - a.length);
  const source =
    forms.length === 0 ? '(?!)' : forms.map((form) => form.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|');
  patterns = { any: new RegExp(source), each: new RegExp(source, 'g') };
  return patterns;
}

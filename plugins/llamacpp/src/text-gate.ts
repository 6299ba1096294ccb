/** Text that may go out, and the trigger behind it, if one was found. */
export interface Passed<T> {
  readonly text: string;
  /** The trigger, whose own text is dropped, and where it began and ended, counted from the first character pushed. */
  readonly found?: { readonly trigger: T; readonly at: number; readonly end: number };
}

/** Lets text through up to the first trigger; keeps back an end that may be the beginning of one. */
export interface TextGate<T> {
  /** Adds text and gives what may go out; when a trigger was found, push '' for what follows it. */
  push(text: string, triggers: ReadonlyMap<string, T>): Passed<T>;
  /** All that was kept back: no more text will come. */
  flush(): Passed<T>;
}

/** An empty gate. Triggers may differ from one push to the next; none of them is empty. */
export function createTextGate<T>(): TextGate<T> {
  let [buffer, before] = ['', 0];
  const pass = (length: number, dropped: number): string => {
    const text = buffer.slice(0, length);
    buffer = buffer.slice(length + dropped);
    before += length + dropped;
    return text;
  };
  return {
    push(text, triggers) {
      buffer += text;
      const [key, at] = firstOf(buffer, triggers);
      const trigger = triggers.get(key);
      if (trigger === undefined) return { text: pass(buffer.length - possibleStart(buffer, triggers), 0) };
      const found = { trigger, at: before + at, end: before + at + key.length };
      return { text: pass(at, key.length), found };
    },
    flush: () => ({ text: pass(buffer.length, 0) }),
  };
}

/** The trigger that begins first in `text`, of several at one place the longest, and its place; '' when there is none. */
function firstOf(text: string, triggers: ReadonlyMap<string, unknown>): [string, number] {
  let found: [string, number] = ['', text.length];
  for (const key of triggers.keys()) {
    const at = text.indexOf(key);
    if (at >= 0 && (at < found[1] || (at === found[1] && key.length > found[0].length))) found = [key, at];
  }
  return found;
}

/** Length of the longest end of `text` that is a beginning of a trigger. */
function possibleStart(text: string, triggers: ReadonlyMap<string, unknown>): number {
  let longest = 0;
  for (const key of triggers.keys()) {
    for (let length = Math.min(key.length - 1, text.length); length > longest; length--) {
      if (text.endsWith(key.slice(0, length))) longest = length;
    }
  }
  return longest;
}

import { SmmfError } from '@smmf/core';

/** Turns the texts of a stream's records into pieces that follow one another. */
export interface RecordText {
  /** What is new, as far as it is certain. */
  push(text: string): string;
  /** What was kept back; no more records will come. */
  end(): string;
}

/** So often must a record have gone on the one before it, growing, until they are taken for the whole text. */
const GROWTHS = 3;
/** No token is that long: a record that begins with all of so much text holds it. */
const LONG = 32;
/** A letter of several tokens whose last has not come shows as this. */
const UNFINISHED = /\uFFFD+$/;

function contradiction(): SmmfError {
  const cause = new Error('records of a stream that held all of the text so far became shorter');
  return new SmmfError('ENGINE_FAILED', 'The engine contradicts itself within its answer', { cause });
}

/** Each record is a new piece. */
function pieces(): RecordText {
  return { push: (text) => text, end: () => '' };
}

/** Each record is all of the text so far. */
function wholes(said = ''): RecordText {
  let [shown, kept] = [said, ''];
  const push = (text: string): string => {
    const settled = text.replace(UNFINISHED, '');
    if (settled.length < shown.length) throw contradiction();
    kept = text.slice(settled.length);
    const piece = settled.slice(shown.length);
    shown = settled;
    return piece;
  };
  return { push, end: () => kept };
}

/**
 * It is not known which of the two it is, which shows in what comes: records that are pieces soon differ in how they begin; the whole
 * text begins with itself. While both are possible, what they do not agree on is kept back: a token or two.
 */
function undecided(): RecordText {
  const records: string[] = [];
  let growths = 0;
  let decided: RecordText | undefined;
  const decide = (isWhole: boolean): string => {
    const [first = '', ...rest] = records;
    const settled = first.replace(UNFINISHED, '');
    const next = isWhole ? wholes(settled) : pieces();
    decided = next;
    return (isWhole ? '' : first.slice(settled.length)) + rest.map((text) => next.push(text)).join('');
  };
  const push = (text: string): string => {
    if (decided) return decided.push(text);
    if (text === '') return '';
    const before = records.at(-1);
    records.push(text);
    if (before === undefined) return text.replace(UNFINISHED, '');
    if (!text.startsWith(before.replace(UNFINISHED, ''))) return decide(false);
    if (text.length > before.length) growths++;
    return growths >= GROWTHS || (text.length > before.length && before.length > LONG) ? decide(true) : '';
  };
  return { push, end: () => (decided ? '' : decide(growths > 0)) + (decided?.end() ?? '') };
}

/** @param accumulates whether records hold all of the text so far; undefined: that is found out */
export function createRecordText(accumulates: boolean | undefined): RecordText {
  if (accumulates === undefined) return undecided();
  return accumulates ? wholes() : pieces();
}

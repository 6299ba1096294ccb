import { scanFields, type TopLevelField, type TopLevelFields } from './top-level.ts';

/** What must differ in the body that goes upstream. */
export interface BodyChanges {
  /** The engine's own name of the model. */
  readonly model?: string;
  /** Ask for usage at the end of the stream. */
  readonly includeUsage?: boolean;
  /** Leave out `stream_options`, which engines refuse without `stream`. */
  readonly withoutStreamOptions?: boolean;
  /** Further ones: the JSON text of a field's new value, undefined to take it out. They come before those above. */
  readonly fields?: Readonly<Record<string, string | undefined>>;
}

/** The bytes from `start` up to `end` give way to `text`. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The options of a stream that asks for its usage; what else stands in them stays byte for byte. */
function withUsage(body: Buffer, options: TopLevelField | undefined): string {
  if (options?.kind !== 'object') return '{"include_usage":true}';
  const text = body.subarray(options.start, options.end);
  const inner = scanFields(text).fields;
  if (!inner) return '{"include_usage":true}';
  const flag = inner.get('include_usage');
  const [start, end] = flag ? [flag.start, flag.end] : [1, 1];
  const more = flag ? 'true' : `"include_usage":true${inner.size ? ',' : ''}`;
  return `${text.toString('utf8', 0, start)}${more}${text.toString('utf8', end)}`;
}

/** The new text of each field that changes; undefined for one that goes. */
function wantedTexts(body: Buffer, fields: TopLevelFields, changes: BodyChanges): Map<string, string | undefined> {
  const wanted = new Map<string, string | undefined>();
  if (changes.model !== undefined && fields.has('model')) wanted.set('model', JSON.stringify(changes.model));
  if (changes.includeUsage) wanted.set('stream_options', withUsage(body, fields.get('stream_options')));
  if (changes.withoutStreamOptions) wanted.set('stream_options', undefined);
  if (changes.fields) for (const [key, text] of Object.entries(changes.fields)) wanted.set(key, text);
  return wanted;
}

/** Puts new texts in place of old ones, and takes fields out with the comma that parts them from a neighbour. */
function editsInPlace(body: Buffer, fields: TopLevelFields, wanted: ReadonlyMap<string, string | undefined>): Edit[] {
  const edits: Edit[] = [];
  const open = body.indexOf('{') + 1;
  let previous: TopLevelField | undefined;
  let hasKept = false;
  for (const field of fields.values()) {
    const text = wanted.get(field.key);
    const goes = text === undefined && wanted.has(field.key);
    if (text !== undefined) edits.push({ start: field.start, end: field.end, text });
    // The comma before it goes with it; where nothing stays before it, the one after it does.
    else if (goes && hasKept) edits.push({ start: previous?.end ?? open, end: field.end, text: '' });
    else if (goes) edits.push({ start: edits.at(-1)?.end ?? open, end: afterComma(body, field), text: '' });
    hasKept ||= !goes;
    previous = field;
  }
  return edits;
}

/** The byte after the comma that follows a field; after the field itself where none does. */
function afterComma(body: Buffer, { end }: TopLevelField): number {
  const comma = body.indexOf(',', end);
  return comma === -1 ? end : comma + 1;
}

/** What the body has not yet, put in front; a comma follows where anything does. */
function newFields(body: Buffer, fields: TopLevelFields, wanted: ReadonlyMap<string, string | undefined>): Edit[] {
  let text = '';
  let size = fields.size;
  for (const [key, value] of wanted) {
    if (fields.has(key)) size -= value === undefined ? 1 : 0;
    else if (value !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${value}`;
  }
  const at = body.indexOf('{') + 1;
  return text === '' ? [] : [{ start: at, end: at, text: size > 0 ? `${text},` : text }];
}

/**
 * The body with the wanted fields changed; every other byte stays as it was. The same buffer when nothing changes.
 *
 * @param body the JSON text
 * @param fields what {@link scanFields} found in this very text
 */
export function spliceBody(body: Buffer, fields: TopLevelFields, changes: BodyChanges): Buffer {
  const wanted = wantedTexts(body, fields, changes);
  if (wanted.size === 0) return body;
  const edits = [...newFields(body, fields, wanted), ...editsInPlace(body, fields, wanted)];
  if (edits.length === 0) return body;
  const parts: Buffer[] = [];
  let from = 0;
  for (const { start, end, text } of edits) {
    parts.push(body.subarray(from, start), Buffer.from(text));
    from = end;
  }
  parts.push(body.subarray(from));
  return Buffer.concat(parts);
}

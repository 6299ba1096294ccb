import { scanFields, type TopLevelFields } from './top-level.ts';

/** A change of a text: the bytes from `start` up to `end` give way to `text`. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** What must differ in the body that goes upstream. */
export interface BodyChanges {
  /** The engine's own name of the model. */
  readonly model?: string;
  /** Ask for usage at the end of the stream. */
  readonly includeUsage?: boolean;
  /** Leave out `stream_options`, which engines refuse without `stream`. */
  readonly withoutStreamOptions?: boolean;
  /** Further ones, which overlap neither these nor each other. */
  readonly edits?: readonly Edit[];
}

function usageEdit(body: Buffer, fields: TopLevelFields): Edit {
  const options = fields.get('stream_options');
  if (options?.kind === 'object') {
    const inner = scanFields(body.subarray(options.start, options.end)).fields;
    const flag = inner?.get('include_usage');
    if (flag) return { start: options.start + flag.start, end: options.start + flag.end, text: 'true' };
    const at = options.start + 1;
    if (inner) return { start: at, end: at, text: `"include_usage":true${inner.size ? ',' : ''}` };
  }
  if (options) return { start: options.start, end: options.end, text: '{"include_usage":true}' };
  const first = body.indexOf('{') + 1;
  return { start: first, end: first, text: `"stream_options":{"include_usage":true}${fields.size ? ',' : ''}` };
}

/** Takes a field out, with the comma that parts it from its neighbour. */
function removal(body: Buffer, fields: TopLevelFields, name: string): Edit | undefined {
  const all = [...fields.values()];
  const index = all.findIndex(({ key }) => key === name);
  const [before, field, after] = [all[index - 1], all[index], all[index + 1]];
  if (!field) return undefined;
  if (before) return { start: before.end, end: field.end, text: '' };
  const start = body.indexOf('{') + 1;
  const end = after ? body.indexOf(',', field.end) + 1 : field.end;
  return { start, end, text: '' };
}

/**
 * The body with the wanted fields changed; every other byte stays as it was. The same buffer when nothing changes.
 *
 * @param body the JSON text
 * @param fields what {@link scanFields} found in this very text
 * @throws RangeError for changes that overlap or lie outside of the body
 */
export function spliceBody(body: Buffer, fields: TopLevelFields, changes: BodyChanges): Buffer {
  const edits: Edit[] = changes.edits ? [...changes.edits] : [];
  const model = fields.get('model');
  if (changes.model !== undefined && model) {
    edits.push({ start: model.start, end: model.end, text: JSON.stringify(changes.model) });
  }
  if (changes.includeUsage) edits.push(usageEdit(body, fields));
  const removed = changes.withoutStreamOptions && removal(body, fields, 'stream_options');
  if (removed) edits.push(removed);
  if (edits.length === 0) return body;
  edits.sort((a, b) => a.start - b.start);
  const parts: Buffer[] = [];
  let from = 0;
  for (const edit of edits) {
    if (edit.start < from || edit.end < edit.start || edit.end > body.length) {
      throw new RangeError(`Changes of a body of ${body.length} bytes overlap at ${edit.start}, or lie outside of it`);
    }
    parts.push(body.subarray(from, edit.start), Buffer.from(edit.text));
    from = edit.end;
  }
  parts.push(body.subarray(from));
  return Buffer.concat(parts);
}

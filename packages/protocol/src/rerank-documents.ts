import type { FrameFault } from './frame-fault.ts';
import { type ListElement, listElements, scanFields, type TopLevelField, type TopLevelFields } from './top-level.ts';

/** The fields of an object in a list, as offsets into its own bytes; undefined for one that is ambiguous. */
const fieldsOf = (body: Buffer, { start, end }: ListElement): TopLevelFields | undefined =>
  scanFields(body.subarray(start, end)).fields;

function faultOf(body: Buffer, document: ListElement, name: string): FrameFault | undefined {
  if (document.kind === 'string') return undefined;
  if (document.kind !== 'object') {
    return { code: 'INVALID_VALUE', message: `Field "${name}" must be of type string or object`, param: name };
  }
  const fields = fieldsOf(body, document);
  if (!fields) return { code: 'INVALID_REQUEST', message: `A field of "${name}" is given twice`, param: name };
  const text = fields.get('text');
  const param = `${name}.text`;
  if (!text) {
    const message = `Field "${param}" is missing: a document is a text, or an object with a text`;
    return { code: 'MISSING_REQUIRED_PARAMETER', message, param };
  }
  if (text.kind === 'string') return undefined;
  return { code: 'INVALID_VALUE', message: `Field "${param}" must be of type string`, param };
}

/** What is wrong with the first of a request's `documents` that cannot be ranked. */
export function documentFault(body: Buffer, fields: TopLevelFields): FrameFault | undefined {
  let index = 0;
  for (const document of listElements(body, fields.get('documents'))) {
    const found = faultOf(body, document, `documents[${index}]`);
    if (found) return found;
    index++;
  }
  return undefined;
}

function textIn(body: Buffer, document: ListElement): string {
  const { kind, start, end } = document;
  if (kind === 'string') return body.toString('utf8', start, end);
  const text: TopLevelField | undefined = kind === 'object' ? fieldsOf(body, document)?.get('text') : undefined;
  return text ? body.toString('utf8', start + text.start, start + text.end) : 'null';
}

/** The texts of a checked request's `documents`, without what else stands in those that are objects: the JSON text of a list. */
export function documentTexts(body: Buffer, fields: TopLevelFields): string {
  const texts: string[] = [];
  for (const document of listElements(body, fields.get('documents'))) texts.push(textIn(body, document));
  return `[${texts.join(',')}]`;
}

/** Is one of a request's `documents` an object. */
export function hasObjectDocuments(body: Buffer, fields: TopLevelFields): boolean {
  for (const { kind } of listElements(body, fields.get('documents'))) if (kind === 'object') return true;
  return false;
}

/** The JSON text of each document as the client would read it in an answer: an object with a `text`. */
export function shownDocuments(body: Buffer, fields: TopLevelFields): readonly string[] {
  const shown: string[] = [];
  for (const { kind, start, end } of listElements(body, fields.get('documents'))) {
    const text = body.toString('utf8', start, end);
    shown.push(kind === 'string' ? `{"text":${text}}` : text);
  }
  return shown;
}

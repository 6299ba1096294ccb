import { rerankMeta } from './rerank.ts';
import { shownDocuments } from './rerank-documents.ts';
import { spliceBody } from './splice.ts';
import { fieldValue, listElements, scanFields, type TopLevelField, type TopLevelFields } from './top-level.ts';

/** The request behind an answer, as far as an answer is completed from it. */
export interface AskedRerank {
  readonly id: string;
  /** As the client named it. */
  readonly model: string;
  readonly body: Buffer;
  readonly fields: TopLevelFields;
}

/** In place of a list that may stay as it is. */
const AS_IS = '';
const LIST = /^\s*\[/;

/** JSON text of a number; undefined for what is none. */
function numberIn(text: Buffer, field: TopLevelField | undefined): string | undefined {
  return field?.kind === 'number' ? text.toString('latin1', field.start, field.end) : undefined;
}

const isAbsent = (fields: TopLevelFields, name: string): boolean => (fields.get(name)?.kind ?? 'null') === 'null';

/** One result: its bytes and fields, the place of its document in the request, and the JSON text of its score. */
interface Ranked {
  readonly bytes: Buffer;
  readonly fields: TopLevelFields;
  readonly index: number;
  readonly score: string;
}

/** Reads one result; undefined for what tells no document or no score. */
function rankedIn(bytes: Buffer): Ranked | undefined {
  const { fields } = scanFields(bytes);
  if (!fields) return undefined;
  const index = numberIn(bytes, fields.get('index'));
  const score = numberIn(bytes, fields.get(isAbsent(fields, 'relevance_score') ? 'score' : 'relevance_score'));
  return index === undefined || score === undefined ? undefined : { bytes, fields, index: Number(index), score };
}

/** The keys that a result lacks, with the JSON texts of their values. TEI calls the score `score` and the document's text `text`. */
function lackingIn({ bytes, fields, index, score }: Ranked, documents: readonly string[]): Record<string, string> {
  const lacking: Record<string, string> = {};
  if (isAbsent(fields, 'relevance_score')) lacking.relevance_score = score;
  if (isAbsent(fields, 'document')) {
    const text = fields.get('text');
    const own = text?.kind === 'string' ? `{"text":${bytes.toString('utf8', text.start, text.end)}}` : undefined;
    const document = documents[index] ?? own;
    if (document !== undefined) lacking.document = document;
  }
  return lacking;
}

/** JSON text of the list of results with what its entries lack; {@link AS_IS} when they lack nothing, undefined when an entry is no result. */
function completedList(answer: Buffer, list: TopLevelField, documents: readonly string[]): string | undefined {
  let text = '';
  let from = list.start;
  for (const { start, end } of listElements(answer, list)) {
    const ranked = rankedIn(answer.subarray(start, end));
    if (!ranked) return undefined;
    const completed = spliceBody(ranked.bytes, ranked.fields, { fields: lackingIn(ranked, documents) });
    if (completed === ranked.bytes) continue;
    text += answer.toString('utf8', from, start) + completed.toString();
    from = end;
  }
  return from === list.start && list.key === 'results' ? AS_IS : text + answer.toString('utf8', from, list.end);
}

const listIn = (fields: TopLevelFields): TopLevelField | undefined =>
  [fields.get('results'), fields.get('data')].find((field) => field?.kind === 'array');

/** TEI answers with the bare list of results: it is put into an object. Other bytes are returned as they are. */
export function asRerankObject(answer: Buffer): Buffer {
  return LIST.test(answer.toString('latin1', 0, 64))
    ? Buffer.concat([Buffer.from('{"results":'), answer, Buffer.from('}')])
    : answer;
}

/**
 * An engine's answer to a rerank with the keys that it lacks, so that the clients of Cohere (v1 and v2), Jina and vLLM read it: `id`, `model`,
 * `results` with `relevance_score`, `usage` (empty: nothing was counted), `meta`; `document` where the client asked for it. No other byte is changed: not
 * a number is written anew.
 *
 * @param answer a JSON object
 * @returns undefined for what is no ranking: an entry without a document's index or a score
 */
export function completeRerank(answer: Buffer, asked: AskedRerank): Buffer | undefined {
  const { fields } = scanFields(answer);
  // It repeats a key, or is nested too deep to be looked into: sound JSON all the same, to which nothing can be added.
  if (!fields) return answer;
  const list = listIn(fields);
  if (!list) return undefined;
  const wantsDocuments = fieldValue(asked.body, asked.fields.get('return_documents')) === true;
  const results = completedList(answer, list, wantsDocuments ? shownDocuments(asked.body, asked.fields) : []);
  if (results === undefined) return undefined;
  const count = asked.fields.get('documents')?.length ?? 0;
  const own = {
    id: JSON.stringify(asked.id),
    model: JSON.stringify(asked.model),
    usage: '{}',
    meta: JSON.stringify(rerankMeta(count)),
  };
  const lacking = Object.entries(own).filter(([name]) => isAbsent(fields, name));
  const more = results === AS_IS ? {} : { results };
  return spliceBody(answer, fields, { fields: { ...Object.fromEntries(lacking), ...more } });
}

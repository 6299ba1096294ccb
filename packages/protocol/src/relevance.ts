import { fieldValue, listElements, scanFields, type TopLevelField } from './top-level.ts';

/**
 * The answer of DB-GPT's `POST /beta/relevance` made of one of rerank: the scores in the order of the documents. No number is written anew.
 *
 * @param answer a complete answer of SMMF to a rerank
 * @param documents how many there are
 * @returns undefined when a document has no score
 */
export function relevanceReply(answer: Buffer, documents: number): string | undefined {
  const { fields } = scanFields(answer);
  if (!fields) return undefined;
  const textOf = (field: TopLevelField | undefined, bytes = answer): string | undefined =>
    field && bytes.toString('utf8', field.start, field.end);
  const scores = new Map<number, string>();
  for (const { start, end } of listElements(answer, fields.get('results'))) {
    const result = answer.subarray(start, end);
    const ranked = scanFields(result).fields;
    const score = textOf(ranked?.get('relevance_score'), result);
    if (score !== undefined) scores.set(Number(fieldValue(result, ranked?.get('index'))), score);
  }
  const data = Array.from({ length: documents }, (_, index) => scores.get(index));
  if (data.includes(undefined)) return undefined;
  const model = textOf(fields.get('model')) ?? '""';
  return `{"object":"list","model":${model},"data":[${data.join(',')}],"usage":${textOf(fields.get('usage')) ?? '{}'}}`;
}

import type { HttpResponse } from '@smmf/core';
import { createSseFramer, parseSseEvent, splitSse } from '@smmf/protocol';
import * as z from 'zod';
import { answerError, notTriton } from './errors.ts';
import { ANSWER } from './layouts.ts';

/** One answer of a model, or one of several that a stream has. */
export interface AnswerRecord {
  readonly text: string;
  readonly finishReason: string | undefined;
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
}

/** An output of one element is that element; of more, a list: only the first can be of the one answer that was asked for. */
const oneOf = <S extends z.ZodType>(value: S) =>
  z.union([value, z.array(value).transform((values) => values[0])]).nullish();

const record = z.looseObject({
  [ANSWER]: oneOf(z.string()),
  finish_reason: oneOf(z.string()),
  num_input_tokens: oneOf(z.number().int().nonnegative()),
  num_output_tokens: oneOf(z.number().int().nonnegative()),
});

/** What a model says while it has not finished. */
const UNFINISHED = new Set(['', 'None', 'null']);

/**
 * Reads a record.
 * @throws as {@link answerError} for an error in its place, ENGINE_FAILED for what is no record
 */
function readRecord(text: string): AnswerRecord {
  const json = parse(text);
  if (typeof json === 'object' && json !== null && 'error' in json) throw answerError(200, { text, json });
  const { data } = record.safeParse(json);
  if (!data || !(ANSWER in data)) throw notTriton(`a record without ${ANSWER}`);
  const reason = data.finish_reason;
  return {
    text: String(data[ANSWER] ?? ''),
    finishReason: typeof reason === 'string' && !UNFINISHED.has(reason) ? reason : undefined,
    inputTokens: data.num_input_tokens ?? undefined,
    outputTokens: data.num_output_tokens ?? undefined,
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const typeOf = ({ headers }: HttpResponse): string => [headers['content-type']].flat()[0] ?? 'no type';

/** A failure has the form of a stream where a stream was asked for. */
async function failureOf(response: HttpResponse): Promise<Error> {
  const text = await response.text();
  const data = typeOf(response).startsWith('text/event-stream') ? parseSseEvent(Buffer.from(text)).data : undefined;
  const body = data ?? text;
  return answerError(response.status, { text: body, json: parse(body) }, response.headers);
}

/** Checks the head of an answer. @throws what its body says, when it is none */
export async function checkHead(response: HttpResponse, isStream: boolean): Promise<void> {
  if (response.status !== 200) throw await failureOf(response);
  const wanted = isStream ? 'text/event-stream' : 'application/json';
  if (typeOf(response).startsWith(wanted)) return;
  response.discard();
  throw notTriton(`${typeOf(response)} in place of ${wanted}`);
}

/** Cuts a stream's bytes into its records; each call takes the bytes that came and gives the records that are whole. */
export function createRecordReader(): { push(bytes: Uint8Array): AnswerRecord[]; end(): void } {
  const framer = createSseFramer();
  return {
    push: (bytes) =>
      splitSse(framer.push(Buffer.from(bytes))).flatMap((event) => {
        const { data } = parseSseEvent(event);
        return data === undefined ? [] : [readRecord(data)];
      }),
    end() {
      if (framer.rest.toString().trim() !== '') throw notTriton('a stream that ends within a record');
    },
  };
}

/** The one record of an answer that is no stream. */
export const wholeRecord = async (response: HttpResponse): Promise<AnswerRecord> => readRecord(await response.text());

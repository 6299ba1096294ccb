import { isUtf8 } from 'node:buffer';
import type { ErrorCode } from './error-codes.ts';
import type { FrameFault } from './frame-fault.ts';
import { documentFault } from './rerank-documents.ts';
import type { TaskId } from './tasks.ts';
import { fieldValue, type JsonKind, type ScanFault, scanFields, type TopLevelFields } from './top-level.ts';

/** What SMMF itself needs of a request's body; everything else in it is the engine's business. */
export interface Frame {
  readonly model: string;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly base64: boolean;
  readonly fields: TopLevelFields;
  /** The token limit that the client set, and the field where it stands. */
  readonly maxTokens: { readonly param: string; readonly value: number } | undefined;
}

/** Limits on the frame of a request's body. */
export const FRAME_LIMITS = {
  /** Brackets inside each other, in the whole body. */
  depth: 64,
  /** Brackets inside each other, in one JSON Schema. */
  schemaDepth: 32,
  messages: 2048,
  tools: 256,
  /** Of a rerank: Cohere's own bound, where it reads one piece of each (docs.cohere.com, 2026-11). */
  documents: 10_000,
} as const;

/** Carries a fault out of the check; nobody outside sees it. */
class Refusal extends Error {
  readonly fault: FrameFault;
  constructor(fault: FrameFault) {
    super(fault.message);
    this.fault = fault;
  }
}

const fault = (code: ErrorCode, message: string, param?: string): Refusal => new Refusal({ code, message, param });

/** A key as text for a message: short, control characters escaped. */
const shown = (key: string): string => JSON.stringify(key.slice(0, 64));

const SCAN_FAULTS: Readonly<Record<Exclude<ScanFault, 'duplicate-key'>, readonly [ErrorCode, string]>> = {
  'not-object': ['INVALID_JSON', 'The body must be a JSON object'],
  syntax: ['INVALID_JSON', 'The body is not valid JSON'],
  'too-deep': ['INVALID_REQUEST', `The body is nested deeper than ${FRAME_LIMITS.depth} levels`],
};

function readFields(body: Buffer): TopLevelFields {
  if (!isUtf8(body)) throw fault('INVALID_JSON', 'The body is not valid UTF-8');
  const result = scanFields(body, FRAME_LIMITS.depth);
  if (result.fields) return result.fields;
  if (result.fault !== 'duplicate-key') throw fault(...SCAN_FAULTS[result.fault]);
  const key = result.key ?? '';
  throw fault('INVALID_REQUEST', `Field ${shown(key)} is given twice`, key.slice(0, 64));
}

/** Reads fields out of one body and refuses those of the wrong kind. Null counts as absent, as at OpenAI. */
class FieldReader {
  readonly #body: Buffer;
  readonly #fields: TopLevelFields;
  constructor(body: Buffer, fields: TopLevelFields) {
    this.#body = body;
    this.#fields = fields;
  }

  /** The kind of a field; undefined where it is absent or null. */
  kind(name: string, ...allowed: readonly JsonKind[]): JsonKind | undefined {
    const kind = this.#fields.get(name)?.kind;
    if (kind === undefined || kind === 'null') return undefined;
    if (allowed.includes(kind)) return kind;
    throw fault('INVALID_VALUE', `Field "${name}" must be of type ${allowed.join(' or ')}`, name);
  }

  required(name: string, ...allowed: readonly JsonKind[]): void {
    const field = this.#fields.get(name);
    if (!field) throw fault('MISSING_REQUIRED_PARAMETER', `Field "${name}" is missing`, name);
    if (!this.kind(name, ...allowed)) {
      throw fault('INVALID_VALUE', `Field "${name}" must be of type ${allowed.join(' or ')}`, name);
    }
    if (field.kind === 'array' && field.length === 0)
      throw fault('INVALID_VALUE', `Field "${name}" must not be empty`, name);
  }

  /** Refuses a field whatever is in it; null and an empty list count as absent. */
  refused(name: string, why: string): void {
    const field = this.#fields.get(name);
    const isAbsent = !field || field.kind === 'null' || (field.kind === 'array' && field.length === 0);
    if (!isAbsent) throw fault('UNSUPPORTED_PARAMETER', `Field "${name}" is not accepted: ${why}`, name);
  }

  /** What is ranked: a list of texts, or of objects with a text. */
  documents(): void {
    this.required('documents', 'array');
    this.atMost('documents', FRAME_LIMITS.documents);
    const found = documentFault(this.#body, this.#fields);
    if (found) throw new Refusal(found);
  }

  value(name: string): unknown {
    return fieldValue(this.#body, this.#fields.get(name));
  }

  atMost(name: string, limit: number): void {
    const length = this.#fields.get(name)?.length ?? 0;
    if (length > limit) throw fault('INVALID_VALUE', `Field "${name}" may hold ${limit} entries, not ${length}`, name);
  }

  /** `frame` is the number of brackets around the schema inside the field. */
  schemaWithin(name: string, frame: number): void {
    const depth = this.#fields.get(name)?.depth ?? 0;
    if (depth <= frame + FRAME_LIMITS.schemaDepth) return;
    throw fault(
      'INVALID_VALUE',
      `A schema in "${name}" is nested deeper than ${FRAME_LIMITS.schemaDepth} levels`,
      name,
    );
  }

  wholeNumber(name: string): number | undefined {
    if (!this.kind(name, 'number')) return undefined;
    const value = Number(this.value(name));
    if (Number.isInteger(value) && value >= 0) return value;
    throw fault('INVALID_VALUE', `Field "${name}" must be a whole number, 0 or more`, name);
  }

  flag(name: string): boolean {
    return this.kind(name, 'boolean') === 'boolean' && this.value(name) === true;
  }
}

function includeUsage(reader: FieldReader, stream: boolean): boolean {
  // Without a stream they mean nothing, and are left out on the way to the engine.
  if (!reader.kind('stream_options', 'object') || !stream) return false;
  const options = reader.value('stream_options');
  const wanted: unknown =
    typeof options === 'object' && options !== null ? Reflect.get(options, 'include_usage') : undefined;
  if (wanted === undefined || wanted === null) return false;
  if (typeof wanted === 'boolean') return wanted;
  throw fault(
    'INVALID_VALUE',
    'Field "stream_options.include_usage" must be of type boolean',
    'stream_options.include_usage',
  );
}

function isBase64(reader: FieldReader): boolean {
  if (!reader.kind('encoding_format', 'string')) return false;
  const format = reader.value('encoding_format');
  if (format === 'float' || format === 'base64') return format === 'base64';
  throw fault('INVALID_VALUE', 'Field "encoding_format" must be "float" or "base64"', 'encoding_format');
}

/** The larger of the two limits: it is the one that has to fit the model. 0 is a limit: it asks for the scores of a prompt. */
function maxTokens(reader: FieldReader): Frame['maxTokens'] {
  let largest: Frame['maxTokens'];
  for (const param of ['max_completion_tokens', 'max_tokens']) {
    const value = reader.wholeNumber(param) ?? 0;
    if (value > (largest?.value ?? 0)) largest = { param, value };
  }
  return largest;
}

function checkGeneration(reader: FieldReader): TaskFrame {
  const stream = reader.flag('stream');
  return { stream, includeUsage: includeUsage(reader, stream), base64: false, maxTokens: maxTokens(reader) };
}

const notStreamed = (base64: boolean): TaskFrame => ({
  stream: false,
  includeUsage: false,
  base64,
  maxTokens: undefined,
});

type TaskFrame = Omit<Frame, 'model' | 'fields'>;
type TaskCheck = (reader: FieldReader) => TaskFrame;

const TASK_CHECKS: Readonly<Record<TaskId, TaskCheck>> = {
  chat(reader) {
    reader.required('messages', 'array');
    reader.atMost('messages', FRAME_LIMITS.messages);
    reader.kind('tools', 'array');
    reader.atMost('tools', FRAME_LIMITS.tools);
    // [ { "function": { "parameters": schema } } ] and { "json_schema": { "schema": schema } }
    reader.schemaWithin('tools', 3);
    reader.kind('response_format', 'object');
    reader.schemaWithin('response_format', 2);
    return checkGeneration(reader);
  },
  completions(reader) {
    reader.required('prompt', 'string', 'array');
    return checkGeneration(reader);
  },
  embeddings(reader) {
    reader.required('input', 'string', 'array');
    return notStreamed(isBase64(reader));
  },
  rerank(reader) {
    reader.required('query', 'string');
    if (reader.value('query') === '') throw fault('INVALID_VALUE', 'Field "query" must not be empty', 'query');
    reader.documents();
    reader.wholeNumber('top_n');
    reader.kind('return_documents', 'boolean');
    reader.kind('raw_scores', 'boolean');
    reader.refused('rank_fields', 'of a document that is an object its "text" is ranked');
    return notStreamed(false);
  },
};

/** @throws Refusal */
function checked(task: TaskId, body: Buffer): Frame {
  const fields = readFields(body);
  const reader = new FieldReader(body, fields);
  reader.required('model', 'string');
  const model = reader.value('model');
  if (typeof model !== 'string' || model === '')
    throw fault('INVALID_VALUE', 'Field "model" must not be empty', 'model');
  if (fields.has('chat_template')) {
    throw fault(
      'UNSUPPORTED_PARAMETER',
      'Field "chat_template" is not accepted: templates come with the model',
      'chat_template',
    );
  }
  const { stream, includeUsage, base64, maxTokens } = TASK_CHECKS[task](reader);
  return { model, stream, includeUsage, base64, fields, maxTokens };
}

/**
 * What a request is to SMMF, over HTTP and in code: reads what it uses of a body, without parsing the whole of it, and checks UTF-8,
 * nesting, repeated keys, kinds and sizes. A fault's code is INVALID_JSON, INVALID_REQUEST, INVALID_VALUE, MISSING_REQUIRED_PARAMETER
 * or UNSUPPORTED_PARAMETER.
 */
export function readFrame(task: TaskId, body: Buffer): { readonly frame: Frame } | { readonly fault: FrameFault } {
  try {
    return { frame: checked(task, body) };
  } catch (error) {
    if (error instanceof Refusal) return { fault: error.fault };
    throw error;
  }
}

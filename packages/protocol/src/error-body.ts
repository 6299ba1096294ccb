import type { WireError } from './events.ts';

/** What could be read from an error body of an engine or vendor, whatever its shape. */
export interface ForeignError {
  readonly message: string | undefined;
  readonly type: string | undefined;
  readonly param: string | undefined;
  /** As text, also when the engine sent a number. */
  readonly code: string | undefined;
}

type Dictionary = Readonly<Record<string, unknown>>;

const isDictionary = (value: unknown): value is Dictionary =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function text(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : undefined;
}

function fromFields(fields: Dictionary): ForeignError {
  const { message, type, param, code, status } = fields;
  return { message: text(message), type: text(type) ?? text(status), param: text(param), code: text(code) };
}

/** FastAPI's `detail`: a text, or a list of faults each with its place. */
function fromDetail(detail: unknown): ForeignError {
  const first: unknown = Array.isArray(detail) ? detail[0] : { msg: detail };
  const { msg, loc } = isDictionary(first) ? first : {};
  const param = Array.isArray(loc) ? loc.filter((step) => step !== 'body').join('.') : undefined;
  return { message: text(msg), type: undefined, param, code: undefined };
}

/**
 * Reads the error in a parsed body: the shapes of OpenAI, vLLM, Gemini, Anthropic, TGI, TEI, FastChat, FastAPI,
 * DashScope, MiniMax, old ERNIE and Spark. Undefined when the body holds none of them.
 * @param value a parsed JSON value, from a body of any status or from one event of a stream
 */
export function readErrorBody(value: unknown): ForeignError | undefined {
  const body: unknown = Array.isArray(value) ? value[0] : value;
  if (!isDictionary(body)) return undefined;
  const { error, object, detail, base_resp, header, error_code, error_msg, message, error_type } = body;
  if (isDictionary(error)) return fromFields(error);
  if (typeof error === 'string') return { ...fromFields({}), message: error, type: text(error_type) };
  if (object === 'error') return fromFields(body);
  if (detail !== undefined) return fromDetail(detail);
  if (isDictionary(base_resp) && base_resp.status_code !== 0) {
    return fromFields({ message: base_resp.status_msg, code: base_resp.status_code });
  }
  if (isDictionary(header) && header.code !== 0) return fromFields(header);
  if (error_code !== undefined && error_code !== 0) return fromFields({ message: error_msg, code: error_code });
  if (
    typeof message === 'string' &&
    !('choices' in body) &&
    !('data' in body && body.data !== null && 'object' in body)
  ) {
    return fromFields(body);
  }
  return undefined;
}

/** An OpenAI error body. */
export function errorBody(error: WireError): { readonly error: WireError } {
  return { error };
}

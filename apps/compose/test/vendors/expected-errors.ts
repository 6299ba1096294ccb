import type { Dialect, ErrorKind } from './dialect.ts';

/** What a client gets for an error of a vendor. */
export interface ExpectedError {
  readonly status: readonly number[];
  /** `error.code` of the answer. */
  readonly codes: readonly string[];
}

const one = (status: number, ...codes: string[]): ExpectedError => ({ status: [status], codes });

/**
 * One row for each kind. A vendor's 401, 402 and 403 are the operator's matter and never the caller's; so is a model that the
 * operator named and the vendor does not have.
 */
const EXPECTED: Readonly<Record<ErrorKind, ExpectedError>> = {
  request: one(400, 'invalid_request', 'unsupported_parameter', 'invalid_value'),
  context: one(400, 'context_length_exceeded'),
  filter: one(400, 'content_filter'),
  credential: one(503, 'credentials_unusable'),
  model: {
    status: [502, 503],
    codes: ['engine_failed', 'engine_credentials', 'credentials_unusable', 'model_unavailable'],
  },
  rate: one(429, 'rate_limit_exceeded'),
  overload: one(503, 'engine_overloaded'),
  failed: one(502, 'engine_failed'),
  timeout: one(504, 'timeout'),
  'too large': one(413, 'request_too_large'),
};

/** A server of one's own has one key, which is no lane that could be out: its refusal is told for each request. */
const OF_ENGINES: Readonly<Partial<Record<ErrorKind, ExpectedError>>> = { credential: one(502, 'engine_credentials') };

/** What a client gets for an error of that vendor. */
export const expectedOf = ({ plugin }: Dialect, kind: ErrorKind): ExpectedError =>
  (plugin.startsWith('proxy-') ? undefined : OF_ENGINES[kind]) ?? EXPECTED[kind];

/** May the same call be tried again: not at all, on the same instance, or on another one. */
export type RetryAdvice = 'never' | 'same' | 'other';

/** What an error speaks of: the caller's request, a credential, the model, one instance, or a vendor behind it. */
export type ErrorScope = 'request' | 'credential' | 'model' | 'instance' | 'provider' | 'system';

/** One row of {@link ERROR_CODES}. */
export interface ErrorRow {
  /** HTTP status when the error reaches a client. */
  readonly status: number;
  /** OpenAI's `error.type`. */
  readonly type: string;
  readonly retry: RetryAdvice;
  readonly scope: ErrorScope;
}

const row = (status: number, retry: RetryAdvice, scope: ErrorScope, type?: string): ErrorRow => ({
  status,
  type: type ?? (status >= 500 ? 'server_error' : 'invalid_request_error'),
  retry,
  scope,
});

/**
 * The closed table of error codes: HTTP status, OpenAI type, retry advice, scope. `docs/errors.md` explains each; a
 * published code is never reused.
 */
export const ERROR_CODES = {
  INVALID_REQUEST: row(400, 'never', 'request'),
  INVALID_JSON: row(400, 'never', 'request'),
  INVALID_VALUE: row(400, 'never', 'request'),
  MISSING_REQUIRED_PARAMETER: row(400, 'never', 'request'),
  UNSUPPORTED_PARAMETER: row(400, 'never', 'request'),
  CONTEXT_LENGTH_EXCEEDED: row(400, 'never', 'request'),
  CONTENT_FILTER: row(400, 'never', 'request'),
  TASK_NOT_SUPPORTED: row(400, 'never', 'model'),
  INVALID_API_KEY: row(401, 'never', 'credential', 'authentication_error'),
  PERMISSION_DENIED: row(403, 'never', 'credential', 'permission_error'),
  NOT_FOUND: row(404, 'never', 'request'),
  MODEL_NOT_FOUND: row(404, 'never', 'model'),
  METHOD_NOT_ALLOWED: row(405, 'never', 'request'),
  REQUEST_TIMEOUT: row(408, 'never', 'request'),
  CONFLICT: row(409, 'never', 'request'),
  REQUEST_TOO_LARGE: row(413, 'never', 'request'),
  UNSUPPORTED_MEDIA_TYPE: row(415, 'never', 'request'),
  RATE_LIMIT_EXCEEDED: row(429, 'other', 'instance', 'requests'),
  ABORTED: row(499, 'never', 'request'),
  INTERNAL: row(500, 'never', 'system'),
  ENGINE_UNREACHABLE: row(502, 'other', 'instance'),
  ENGINE_FAILED: row(502, 'other', 'instance'),
  ENGINE_TRUNCATED: row(502, 'other', 'instance'),
  ENGINE_CREDENTIALS: row(502, 'never', 'provider'),
  CREDENTIALS_UNUSABLE: row(503, 'other', 'provider'),
  MODEL_UNAVAILABLE: row(503, 'never', 'model'),
  OVERLOADED: row(503, 'never', 'model'),
  ENGINE_OVERLOADED: row(503, 'other', 'instance'),
  SERVER_SHUTTING_DOWN: row(503, 'other', 'system'),
  TIMEOUT: row(504, 'other', 'instance'),
  REGISTRY_UNAVAILABLE: row(503, 'same', 'system'),
  REGISTRY_AUTH: row(503, 'never', 'system'),
  LEASE_LOST: row(409, 'never', 'system'),
  DUPLICATE_INSTANCE_ID: row(409, 'never', 'instance'),
  RECORD_TOO_LARGE: row(413, 'never', 'system'),
  RECORD_UNSIGNED: row(403, 'never', 'system'),
  ADVERTISE_LOOPBACK: row(400, 'never', 'system'),
  SECRET_MISSING: row(500, 'never', 'system'),
  CLOSED: row(503, 'never', 'system'),
  CONFIG_INVALID: row(500, 'never', 'system'),
  PLUGIN_NOT_FOUND: row(500, 'never', 'system'),
  PLUGIN_INVALID: row(500, 'never', 'system'),
  SERVICE_MISSING: row(500, 'never', 'system'),
  SERVICE_CYCLE: row(500, 'never', 'system'),
  DUPLICATE_SERVICE: row(500, 'never', 'system'),
  SOURCE_UNAVAILABLE: row(500, 'never', 'system'),
  SOURCE_CORRUPT: row(500, 'never', 'system'),
  MODEL_LOAD_FAILED: row(500, 'never', 'system'),
  ENGINE_START_FAILED: row(500, 'never', 'system'),
  UNREACHABLE: row(502, 'same', 'system'),
  PORT_IN_USE: row(500, 'never', 'system'),
} as const satisfies Record<string, ErrorRow>;

/** A code of {@link ERROR_CODES}. */
export type ErrorCode = keyof typeof ERROR_CODES;

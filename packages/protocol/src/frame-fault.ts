import type { ErrorCode } from './error-codes.ts';

/** Why a body is no request. */
export interface FrameFault {
  readonly code: ErrorCode;
  readonly message: string;
  /** The field at fault, in OpenAI's spelling. */
  readonly param: string | undefined;
}

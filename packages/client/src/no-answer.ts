import { SmmfError } from '@smmf/core';
import { dialReason, whyUnreachable } from '@smmf/net';

/** Why there is no answer of an SMMF at `url`, in words for who called it. */
export function noAnswer(url: string, cause: unknown): SmmfError {
  const reason = dialReason(cause);
  const isSilent = reason === undefined || reason === 'refused';
  const text = isSilent
    ? `Nothing answers at ${url}; is "smmf start" running there?`
    : `No answer from ${url}: ${whyUnreachable(cause, url)}`;
  return new SmmfError('UNREACHABLE', text, { cause });
}

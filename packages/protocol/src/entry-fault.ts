import type { ErrorCode } from './error-codes.ts';

const ID = /^[A-Za-z0-9._-]{1,128}$/;

/** What the contract of registries says against an entry, as code and message of an error; undefined for one that may be registered. */
export function entryFault(
  { id, epoch, value }: { readonly id: string; readonly epoch: number; readonly value: string },
  limitBytes: number,
): { readonly code: ErrorCode; readonly message: string } | undefined {
  const refused = (code: ErrorCode, why: string) => ({
    code,
    message: `Entry ${JSON.stringify(id.slice(0, 128))} cannot be registered: ${why}`,
  });
  if (!ID.test(id))
    return refused('INVALID_VALUE', 'its id must be 1 to 128 letters, digits, dots, dashes and underscores');
  if (!Number.isSafeInteger(epoch) || epoch < 1)
    return refused('INVALID_VALUE', `its epoch must be a whole number above 0, not ${epoch}`);
  const bytes = Buffer.byteLength(value);
  if (bytes <= limitBytes) return undefined;
  return refused('RECORD_TOO_LARGE', `its value has ${bytes} bytes, more than ${limitBytes}`);
}

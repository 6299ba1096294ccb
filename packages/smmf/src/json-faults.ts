import { isSmmfError } from '@smmf/runtime';
import { describeError } from './output.ts';

/** A fault as `--json` prints it, on standard output: `{ "error": { "code", "message", "faults" } }`. */
export function jsonFault(error: unknown): string {
  const code = isSmmfError(error) ? error.code : 'INTERNAL';
  const faults = isSmmfError(error) && Array.isArray(error.details?.faults) ? error.details.faults.map(String) : [];
  return JSON.stringify({ error: { code, message: describeError(error, false), faults } }, null, 2);
}

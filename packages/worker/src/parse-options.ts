import { SmmfError } from '@smmf/core';
import type * as z from 'zod';

/**
 * Parses a plugin's options.
 *
 * @param place where they stand in the config, put before each fault: `models.chat`
 * @throws CONFIG_INVALID with every fault, each with its path, also in `details.faults`
 */
export function parseOptions<S extends z.ZodType>(schema: S, input: unknown, place: string): z.output<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => `${[place, ...issue.path].join('.')}: ${issue.message}`);
  throw new SmmfError('CONFIG_INVALID', faults.join('\n'), { details: { faults } });
}

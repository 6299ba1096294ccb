import * as z from 'zod';
import { configSchema, modelFrame } from './config.ts';
import type { KnownKeys } from './faults.ts';

/** The keys that an object schema takes, or any of several objects, for suggestions; none for another schema. */
export function shapeKeys(schema: unknown): string[] {
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape);
  if (schema instanceof z.ZodUnion) return [...new Set(schema.options.flatMap(shapeKeys))];
  if (schema instanceof z.ZodPrefault || schema instanceof z.ZodDefault || schema instanceof z.ZodOptional) {
    return shapeKeys(schema.unwrap());
  }
  return [];
}

/** The keys of the config's own groups. */
export const configKeys: KnownKeys = (path) => {
  if (path.length === 0) return shapeKeys(configSchema);
  if (path.length === 1) return shapeKeys(configSchema.shape[path[0] as keyof typeof configSchema.shape]);
  if (path[0] !== 'models' || path.length !== 3) return [];
  return path[2] === 'timeouts' || path[2] === 'retry' ? shapeKeys(modelFrame[path[2]]) : [];
};

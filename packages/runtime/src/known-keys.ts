import * as z from 'zod';
import { configSchema } from './config.ts';
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

/** What stands below `step` in a group, a list, or any of several of these; undefined where nothing is known. */
function below(schema: unknown, step: PropertyKey): unknown {
  if (schema instanceof z.ZodObject) return schema.shape[String(step)];
  if (schema instanceof z.ZodRecord) return schema.valueType;
  if (schema instanceof z.ZodArray) return schema.element;
  if (schema instanceof z.ZodUnion)
    return schema.options.map((one) => below(one, step)).find((one) => one !== undefined);
  if (schema instanceof z.ZodPrefault || schema instanceof z.ZodDefault || schema instanceof z.ZodOptional) {
    return below(schema.unwrap(), step);
  }
  return undefined;
}

/** The keys of the config's own groups. */
export const configKeys: KnownKeys = (path) => shapeKeys(path.reduce<unknown>(below, configSchema));

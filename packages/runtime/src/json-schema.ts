import * as z from 'zod';
import { configSchema } from './config.ts';
import { findPlugin } from './find-plugin.ts';
import { KNOWN_PLUGINS } from './known-plugins.ts';

type JsonObject = Record<string, unknown>;

/** Our own plugins that are installed beside a config, by short name. */
export async function installedPlugins(
  baseDir: string,
): Promise<ReadonlyMap<string, Awaited<ReturnType<typeof findPlugin>>>> {
  const found = new Map<string, Awaited<ReturnType<typeof findPlugin>>>();
  for (const [name, { kind }] of Object.entries(KNOWN_PLUGINS)) {
    const plugin = await findPlugin(name, kind, baseDir).catch(() => undefined);
    if (plugin) found.set(name, plugin);
  }
  return found;
}

/** A number or a flag may come from a reference. */
function orReference(schema: z.core.JSONSchema.BaseSchema): void {
  if (!['number', 'integer', 'boolean'].includes(String(schema.type)) || schema.const !== undefined) return;
  const { description, default: byDefault, ...plain } = schema;
  for (const key of Object.keys(plain)) delete schema[key];
  schema.anyOf = [plain, { type: 'string', pattern: '^\\$\\{(env|file):.+\\}$' }];
}

const toSchema = (schema: z.ZodType): JsonObject =>
  z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => orReference(jsonSchema),
  }) as JsonObject;

interface Variant {
  readonly properties?: JsonObject;
}

/** The options of a plugin; of one with several forms those of all, a key of several as any of them. */
function optionsOf(schema: z.ZodType): JsonObject | undefined {
  const { properties, oneOf = [] } = toSchema(schema) as Variant & { readonly oneOf?: readonly Variant[] };
  if (properties !== undefined) return properties;
  const forms = new Map<string, Map<string, unknown>>();
  for (const [key, form] of oneOf.flatMap((variant) => Object.entries(variant.properties ?? {}))) {
    forms.set(key, (forms.get(key) ?? new Map()).set(JSON.stringify(form), form));
  }
  const one = (found: ReadonlyMap<string, unknown>): unknown =>
    found.size === 1 ? [...found.values()][0] : { anyOf: [...found.values()] };
  return Object.fromEntries([...forms].map(([key, found]) => [key, one(found)]));
}

/**
 * The JSON Schema of a config file, for editors: completion and checks, with the options of every plugin of ours that is
 * installed beside it.
 */
export async function configJsonSchema(baseDir: string): Promise<JsonObject> {
  const plugins = await installedPlugins(baseDir);
  const conditions = [...plugins].map(([name, { plugin }]) => ({
    if: { properties: { engine: { const: name } }, required: ['engine'] },
    // biome-ignore lint/suspicious/noThenProperty: `then` is the keyword of JSON Schema
    then: { properties: optionsOf(plugin.options) },
  }));
  const schema = toSchema(configSchema) as { properties: { models: { additionalProperties: JsonObject } } };
  const model = schema.properties.models.additionalProperties as {
    allOf?: unknown;
    properties: { workers: { items: JsonObject } };
  };
  model.allOf = conditions;
  model.properties.workers.items.allOf = conditions;
  return schema;
}

import * as z from 'zod';
import { configSchema } from './config.ts';
import { findPlugin } from './find-plugin.ts';
import { KNOWN_PLUGINS, type KnownPlugin } from './known-plugins.ts';

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
    // Refused in this form, and there for its message alone.
    if (Object.hasOwn(Object(form), 'not')) continue;
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
  /** The options of each plugin of a kind, where `key` names it. */
  const conditionsOf = (wanted: KnownPlugin['kind'], key: string): unknown[] =>
    [...plugins].flatMap(([name, { plugin }]) => {
      if (plugin.kind !== wanted) return [];
      const condition = { properties: { [key]: { const: name } }, required: [key] };
      // biome-ignore lint/suspicious/noThenProperty: `then` is the keyword of JSON Schema
      return [{ if: condition, then: { properties: optionsOf(plugin.options) } }];
    });
  const conditions = conditionsOf('engine', 'engine');
  const schema = toSchema(configSchema) as {
    properties: { registry: JsonObject; models: { additionalProperties: JsonObject } };
  };
  schema.properties.registry.allOf = conditionsOf('registry', 'use');
  const model = schema.properties.models.additionalProperties as {
    allOf?: unknown;
    properties: { workers: { items: JsonObject } };
  };
  model.allOf = conditions;
  model.properties.workers.items.allOf = conditions;
  return schema;
}

import { placeTlsFiles } from '@smmf/client';
import { SmmfError, showPath } from '@smmf/core';
import type { InstanceSpec } from '@smmf/protocol';
import type { LocatedEngine } from '@smmf/worker';
import type * as z from 'zod';
import { FaultList } from './faults.ts';
import { findPlugin } from './find-plugin.ts';
import { shapeKeys } from './known-keys.ts';
import { expandReferences, type ReferenceContext } from './references.ts';
import { unsealOptions } from './sealed-options.ts';
import { parseTyped } from './typed-references.ts';

/** Where a role finds plugins and what references name. */
export interface PlaceContext extends ReferenceContext {
  /** Secrets that the config holds as they are; only a role in the config's own process has them. */
  readonly secrets: ReadonlyMap<string, string>;
}

/**
 * The options of a plugin with every reference replaced, and what the plugin's schema makes of them.
 *
 * @param place where they stand in the config: `models.chat`
 * @throws SECRET_MISSING where all that is amiss is a variable or a file that is not on this machine; CONFIG_INVALID with every fault
 */
export function optionsHere<S extends z.ZodType>(
  schema: S,
  written: unknown,
  place: readonly string[],
  context: PlaceContext,
): { readonly options: unknown; readonly parsed: z.output<S> } {
  const faults = new FaultList();
  const lacking: (readonly [name: string, what: string])[] = [];
  const onLack = (...one: (typeof lacking)[number]): void => void lacking.push(one);
  const { value, references } = expandReferences({ options: written }, { ...context, onLack }, faults);
  if (lacking.length > 0 && faults.size === lacking.length) throw missingHere(new Map(lacking), place);
  const root = unsealOptions(value, context.secrets, (secret) =>
    faults.add(
      place,
      `the secret of ${secret} stands in the config itself and does not leave its machine; use a reference`,
    ),
  );
  const options: unknown = placeTlsFiles<unknown>(Reflect.get(Object(root), 'options'), context.baseDir);
  const byPlace = new Map([...references].map(([key, what]) => [keyWithin(key, place), what]));
  const parsed = parseTyped(schema, options, place, byPlace, faults, () => shapeKeys(schema));
  if (faults.size > 0 || parsed === undefined) throw faults.asError('The settings');
  return { options, parsed };
}

function missingHere(lacking: ReadonlyMap<string, string>, place: readonly string[]): SmmfError {
  const names = [...lacking.keys()].join(', ');
  const list = [...lacking.values()].join(', ');
  const text = `SECRET_MISSING ${names}: ${showPath(place)} needs ${list}, not set on this machine; set it here and restart`;
  return new SmmfError('SECRET_MISSING', text);
}

/** The key of a reference below `options` as one below `place`. */
const keyWithin = (key: string, place: readonly string[]): string =>
  JSON.stringify([...place, ...(JSON.parse(key) as unknown[]).slice(1)]);

/** Finds the plugin of a spec from `context.baseDir`, and its options. @throws PLUGIN_NOT_FOUND, PLUGIN_INVALID, SECRET_MISSING, CONFIG_INVALID */
export async function locateEngine(spec: InstanceSpec, context: PlaceContext): Promise<LocatedEngine> {
  const { plugin, url } = await findPlugin(spec.plugin, 'engine', context.baseDir);
  const { options } = optionsHere(plugin.options, spec.options, ['models', spec.model], context);
  return { plugin, pluginUrl: url, options };
}

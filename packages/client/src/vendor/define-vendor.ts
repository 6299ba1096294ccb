import { definePlugin, type Plugin } from '@smmf/core';
import type * as z from 'zod';
import { createVendorWorker } from './create-vendor-worker.ts';
import { type VendorOptions, type VendorSettings, vendorOptions } from './vendor-options.ts';
import type { VendorProfile } from './vendor-profile.ts';

/** A vendor's plugin: its name, what can be told to it beside what every vendor can be told, and its data. */
export interface VendorDefinition<S extends z.ZodRawShape> {
  /** Short name: `proxy-acme`. */
  readonly name: string;
  readonly options: S;
  /** Why settings do not fit together, in words; undefined when they do. */
  readonly needs?: (settings: VendorSettings & z.output<z.ZodObject<S>>) => string | undefined;
  readonly profile: (settings: VendorSettings & z.output<z.ZodObject<S>>) => VendorProfile;
}

/**
 * The engine plugin of a vendor that speaks OpenAI more or less; its package exports the result as default.
 * `docs/plugins/vendor.md` builds one in thirty lines.
 */
export function defineVendor<S extends z.ZodRawShape>(
  definition: VendorDefinition<S>,
): Plugin<'engine', VendorOptions<S>> {
  type Settings = VendorSettings & z.output<z.ZodObject<S>>;
  const options = vendorOptions(definition.options).superRefine((given, context) => {
    const message = definition.needs?.(given as unknown as Settings);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });
  return definePlugin({
    kind: 'engine',
    name: definition.name,
    options,
    run: () => ({ form: 'attach' }),
    create: (given, context) => {
      const written = given as unknown as Settings;
      const settings = { ...written, model: written.model ?? context.model };
      return createVendorWorker(definition.profile(settings), settings, context);
    },
  });
}

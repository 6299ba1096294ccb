import { CONTRACT, isPlugin, type Plugin, SmmfError } from '@smmf/core';

/**
 * Loads an engine plugin by the URL of its module.
 * @throws PLUGIN_INVALID when the module cannot be loaded or its default export is no engine plugin of this contract
 */
export async function loadEngine(url: string): Promise<Plugin<'engine'>> {
  let module: { readonly default?: unknown };
  try {
    module = await import(url);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SmmfError('PLUGIN_INVALID', `The plugin ${url} cannot be loaded: ${reason}`, { cause });
  }
  const plugin = module.default;
  if (!isPlugin(plugin) || plugin.kind !== 'engine' || plugin.contract !== CONTRACT) {
    throw new SmmfError('PLUGIN_INVALID', `The default export of ${url} is no engine plugin of contract ${CONTRACT}`);
  }
  return plugin as Plugin<'engine'>;
}

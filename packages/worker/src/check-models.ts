import { SmmfError } from '@smmf/core';
import { type ModelCard, modelCard } from '@smmf/protocol';
import * as z from 'zod';

const cards = z.array(modelCard).max(64);

/**
 * What a worker says of its models, in a form that a record can hold.
 * @throws PLUGIN_INVALID when a card is malformed, or none is of the model that the config gave the worker
 */
export function checkModels(models: readonly ModelCard[], wanted: string, plugin: string): ModelCard[] {
  const parsed = cards.safeParse(models);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const text = `Plugin "${plugin}" describes its models wrongly: ${issue?.path.join('.')}: ${issue?.message}`;
    throw new SmmfError('PLUGIN_INVALID', text);
  }
  if (parsed.data.some(({ id }) => id === wanted)) return parsed.data;
  const ids = parsed.data.map(({ id }) => `"${id}"`).join(', ') || 'none';
  throw new SmmfError('PLUGIN_INVALID', `Plugin "${plugin}" serves models ${ids}, but not "${wanted}" as it was told`);
}

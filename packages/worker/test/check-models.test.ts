import type { ModelCard } from '@smmf/protocol';
import { expect, it } from 'vitest';
import { checkModels } from '../src/check-models.ts';

const card: ModelCard = { id: 'chat', tasks: ['chat'], contextLength: 4096 };

it('gives the cards, unknown fields left out', () => {
  expect(checkModels([{ ...card, mood: 'good' } as ModelCard], 'chat', 'demo')).toEqual([card]);
});

it.each<[string, ModelCard[], string]>([
  ['a context length of 0', [{ ...card, contextLength: 0 }], '0.contextLength'],
  ['an unknown task', [{ ...card, tasks: ['sing' as 'chat'] }], '0.tasks.0'],
  ['another id than it was given', [{ ...card, id: 'other' }], 'not "chat"'],
  ['no model at all', [], 'none'],
])('refuses %s', (_what, models, text) => {
  const check = () => checkModels(models, 'chat', 'demo');
  expect(check).toThrow(expect.objectContaining({ code: 'PLUGIN_INVALID' }));
  expect(check).toThrow(text);
});

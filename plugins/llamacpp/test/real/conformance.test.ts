import { engineSuite } from '@smmf/testkit';
import { test } from 'vitest';
import { modelPath, startWorker } from './engine.ts';

// The real model, one worker for each rule; skipped, with its reason printed by engine.ts, where the model is absent.
engineSuite({
  test: (name, run) => test(name, { skip: modelPath === undefined }, run),
  model: 'smol',
  limitMs: 60_000,
  create: () => startWorker({ contextLength: 2_048 }),
});

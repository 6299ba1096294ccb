import { systemClock } from '@smmf/core';
import { engineSuite } from '@smmf/testkit';
import { test } from 'vitest';
import { createPiscinaWorker } from '../../src/index.ts';

const backendUrl = import.meta.resolve('@smmf/testkit/demo-backend');
const options = { tokenMs: 0, dimensions: 8 };

engineSuite({
  test,
  create: () => createPiscinaWorker({ backendUrl, options, model: 'sync' }, { clock: systemClock }),
});

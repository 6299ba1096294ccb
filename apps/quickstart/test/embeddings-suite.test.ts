import { engineSuite, testContext } from '@smmf/testkit';
import { createPiscinaWorker } from '@smmf/worker';
import { describe, test } from 'vitest';
import { folder } from './embeddings-model.ts';

const options = {
  ...{ folder, task: 'embeddings', truncate: 'end', dtype: 'fp32', intraOpThreads: 1 },
  ...{ batchItems: 16, batchTokens: 2_048, batchWait: 2 },
};
const backendUrl = import.meta.resolve('@smmf/embeddings/backend');

describe.skipIf(!folder)('embeddings by a real model', () => {
  engineSuite({ test, create: () => createPiscinaWorker({ backendUrl, options, model: 'm' }, testContext()) });
});

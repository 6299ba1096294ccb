import type { Worker } from '@smmf/core';
import { engineSuite, testEngineContext } from '@smmf/testkit';
import { afterAll, beforeAll, describe, test } from 'vitest';
import plugin from '../../src/index.ts';
import { type RealTriton, realFolder, startTriton } from './server.ts';

describe.skipIf(realFolder === undefined)('the engine suite on a real Triton', () => {
  let triton: RealTriton;
  beforeAll(async () => {
    triton = await startTriton();
  }, 300_000);
  afterAll(() => triton?.stop(), 30_000);

  engineSuite({
    test,
    model: 'public',
    create: async (): Promise<Worker> => {
      const template = '{% for message in messages %}{{ message.content }} {% endfor %}';
      const { url, metrics } = triton;
      const options = plugin.options.parse({ server: 'triton', url, metrics, model: 'ensemble', template });
      const worker = await plugin.create?.(options, testEngineContext({ model: 'public' }));
      if (!worker) throw new Error('no worker');
      return worker;
    },
  });
});

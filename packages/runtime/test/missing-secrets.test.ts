import { join } from 'node:path';
import { expect, it } from 'vitest';
import { adminUrl, controllerUrl, createCluster, ENGINE, said } from './small-cluster.ts';

const VLLM = join(import.meta.dirname, '../../../plugins/vllm/src/index.ts');
const reference = (name: string): string => `\${env:${name}}`;

it('a secret that is missing where it is used fails that upstream and that instance by its name, and the others serve', async () => {
  const { start } = createCluster();
  const controller = await start('controller', 'c', {
    ...{ controller: { port: 0 }, admin: { port: 0 } },
    models: {
      demo: { engine: ENGINE },
      far: { engine: VLLM, url: 'http://127.0.0.1:9', apiKey: reference('FAR_KEY') },
      here: { engine: ENGINE, secret: reference('HERE_KEY') },
    },
  });
  const joined = controllerUrl(controller);
  await start('worker', 'w', { join: joined, worker: { id: 'w', ports: '22061-22080' } });
  const server = await start('apiserver', 'a', { join: joined, server: { port: 0 } });
  const states = async (): Promise<unknown> => {
    const { data } = (await (await fetch(`${adminUrl(controller)}/admin/v1/instances`)).json()) as {
      data: { id: string; state: string; reason?: string }[];
    };
    return Object.fromEntries(data.map(({ id, state, reason }) => [id, `${state}: ${reason}`]));
  };
  await expect.poll(states, { timeout: 12_000 }).toMatchObject({
    'demo-0': expect.stringMatching(/^ready/),
    'far-0': expect.stringMatching(/^failed: SECRET_MISSING FAR_KEY: models\.far needs environment variable FAR_KEY/),
    'here-0': expect.stringMatching(/^failed: SECRET_MISSING HERE_KEY: models\.here needs environment variable/),
  });
  expect(await said(server, 'one')).toBe('echo: one');
  expect(await said(server, 'one', 'far')).toBe('model_unavailable');
}, 60_000);

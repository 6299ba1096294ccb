import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createRole, createSmmf, type RunningRole } from '../src/index.ts';

const ENGINE = join(import.meta.dirname, '../../testkit/src/demo/demo-engine.ts');

it('two worker hosts of one id: the instance changes its owner once, and requests go on', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'smmf-twice-'));
  const running: { close(limitMs: number): Promise<void> }[] = [];
  onTestFinished(async () => {
    for (const one of running.reverse()) await one.close(0);
    rmSync(folder, { recursive: true, force: true });
  });
  const shared = {
    version: 1 as const,
    cluster: { secrets: ['a secret of the tests'] },
    log: { level: 'silent' as const },
  };
  const controller = await createRole('controller', {
    ...{ ...shared, stateDir: join(folder, 'c'), controller: { port: 0 }, admin: { port: 0 } },
    models: { demo: { engine: ENGINE } },
  });
  running.push(controller);
  const origin = controller.listening['registry and feeds']?.url ?? '';
  const host = async (stateDir: string): Promise<RunningRole> => {
    const worker = { id: 'same', ports: '22201-22240' };
    const one = await createRole('worker', { ...shared, stateDir: join(folder, stateDir), join: origin, worker });
    running.push(one);
    return one;
  };
  await host('one');
  const member = await createSmmf({ ...shared, join: origin }, { baseDir: folder });
  running.push(member);
  await member.ready(AbortSignal.timeout(20_000));
  const epochs = new Set<number>();
  const look = async () => {
    const answer = await fetch(`${controller.listening['admin API']?.url}/admin/v1/instances`);
    const { data } = (await answer.json()) as { data: { epoch: number; state: string; reason?: string }[] };
    for (const { epoch } of data) epochs.add(epoch);
    return data;
  };
  await look();
  const second = await host('two');
  await expect
    .poll(
      async () => (await member.chat({ model: 'demo', messages: [{ role: 'user', content: 'x' }] })).choices.length,
      {
        timeout: 15_000,
        interval: 50,
      },
    )
    .toBe(1);
  // Two heartbeats: whoever would take the id back has had the time for it.
  const untilMs = performance.now() + 11_000;
  while (performance.now() < untilMs) {
    const { choices } = await member.chat({ model: 'demo', messages: [{ role: 'user', content: 'still here' }] });
    expect(choices[0]?.message.content).toBe('echo: still here');
    await look();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(epochs.size).toBeLessThanOrEqual(2);
  expect(second.listening['worker host']?.url).toBeDefined();
}, 60_000);

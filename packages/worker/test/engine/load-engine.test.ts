import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { loadEngine } from '../../src/engine/load-engine.ts';

async function moduleOf(code: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'smmf-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'plugin.mjs');
  await writeFile(file, code);
  return pathToFileURL(file).href;
}

it('loads an engine plugin by its URL', async () => {
  const plugin = await loadEngine(import.meta.resolve('@smmf/testkit/demo-engine'));
  expect(plugin).toMatchObject({ kind: 'engine', name: 'demo' });
});

it.each([
  ['a module that throws', 'throw new Error("no such library")', 'no such library'],
  ['a module without a default export', 'export const a = 1', 'no engine plugin'],
  ['a plain object', 'export default { kind: "engine", contract: 1 }', 'no engine plugin'],
  [
    'another kind',
    'export default { [Symbol.for("smmf.plugin")]: true, kind: "balancer", contract: 1 }',
    'no engine plugin',
  ],
  [
    'a later contract',
    'export default { [Symbol.for("smmf.plugin")]: true, kind: "engine", contract: 2 }',
    'contract 1',
  ],
])('refuses %s', async (_what, code, text) => {
  await expect(loadEngine(await moduleOf(code))).rejects.toMatchObject({
    code: 'PLUGIN_INVALID',
    message: expect.stringContaining(text),
  });
});

it('refuses a file that is not there', async () => {
  await expect(loadEngine('file:///no/such/plugin.js')).rejects.toMatchObject({ code: 'PLUGIN_INVALID' });
});

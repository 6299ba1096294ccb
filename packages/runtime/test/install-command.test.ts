import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { installCommand } from '../src/install-command.ts';

/** A folder within one that holds these files. */
function folder(files: Readonly<Record<string, string>>): { readonly outer: string; readonly inner: string } {
  const outer = mkdtempSync(join(tmpdir(), 'smmf-install-'));
  onTestFinished(() => rmSync(outer, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(outer, name), text);
  const inner = join(outer, 'inner');
  mkdirSync(inner);
  return { outer, inner };
}

it.each([
  [{}, 'npm install'],
  [{ 'package-lock.json': '{}' }, 'npm install'],
  [{ 'pnpm-lock.yaml': '' }, 'pnpm add'],
  [{ 'yarn.lock': '' }, 'yarn add'],
  [{ 'bun.lock': '' }, 'bun add'],
  [{ 'package.json': '{"packageManager":"yarn@4.9.1"}', 'package-lock.json': '{}' }, 'yarn add'],
  [{ 'package.json': 'no JSON', 'yarn.lock': '' }, 'yarn add'],
])(
  'the command to install is that of the package manager that %j tell of, also from a folder within',
  (files, command) => {
    const { outer, inner } = folder(files);
    expect(installCommand('x', outer, outer)).toBe(`run: ${command} x`);
    expect(installCommand('x', inner, inner)).toBe(`run: ${command} x`);
  },
);

it('names the folder of the config where that is another one', () => {
  const { outer, inner } = folder({});
  expect(installCommand('@smmf/vllm', inner, outer)).toBe(`run in ${inner}: npm install @smmf/vllm`);
});

it('adds to the root of a pnpm workspace as pnpm wants it', () => {
  const { outer, inner } = folder({ 'pnpm-workspace.yaml': '' });
  expect(installCommand('x', outer, outer)).toBe('run: pnpm add --workspace-root x');
  expect(installCommand('x', inner, inner)).toBe('run: pnpm add x');
});

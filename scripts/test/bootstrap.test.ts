import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandLine, installFingerprint } from '../bootstrap.mjs';

const script = fileURLToPath(new URL('../bootstrap.mjs', import.meta.url));

describe('commandLine', () => {
  it('starts the quickstart from the sources and lets later options win', () => {
    const line = commandLine('start', ['--port', '0']);
    expect(line).toContain('--conditions=smmf-source');
    expect(line?.slice(-5)).toEqual(['start', '-c', 'apps/quickstart/smmf.yaml', '--port', '0']);
  });

  it('runs vitest once and passes its options on', () => {
    expect(commandLine('test', ['packages/core'])).toEqual(['node_modules/vitest/vitest.mjs', 'run', 'packages/core']);
  });

  it('creates a plugin as it is told to', () => {
    expect(commandLine('create-plugin', ['engine', 'my-engine'])?.slice(-3)).toEqual([
      'scripts/create-plugin.ts',
      'engine',
      'my-engine',
    ]);
  });

  it('knows no other command, nor `run` without a file', () => {
    expect(commandLine('strat', [])).toBeUndefined();
    expect(commandLine(undefined, [])).toBeUndefined();
    expect(commandLine('run', [])).toBeUndefined();
  });
});

describe('installFingerprint', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'smmf-'));
    mkdirSync(join(folder, 'packages/core'), { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{}');
    writeFileSync(join(folder, 'pnpm-lock.yaml'), 'a');
    writeFileSync(join(folder, 'packages/core/package.json'), '{}');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('stays as long as nothing changes', () => {
    expect(installFingerprint(folder)).toBe(installFingerprint(folder));
  });

  it.each(['pnpm-lock.yaml', 'packages/core/package.json', 'pnpm-workspace.yaml'])('changes with %s', (file) => {
    const before = installFingerprint(folder);
    writeFileSync(join(folder, file), '{"changed":true}');
    expect(installFingerprint(folder)).not.toBe(before);
  });
});

describe('bootstrap.mjs', () => {
  it('shows its usage and ends with 2 for an unknown command', () => {
    const { status, stderr } = spawnSync(process.execPath, [script, 'strat'], { encoding: 'utf8' });
    expect(status).toBe(2);
    expect(stderr).toContain('Usage: node scripts/bootstrap.mjs start');
  });
});

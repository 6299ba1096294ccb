import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { release } from '../release.ts';
import { readWorkspace, repositoryRoot } from '../workspace.ts';
import { createSmallWorkspace, type SmallWorkspace } from './small-workspace.ts';

let workspace: SmallWorkspace;
beforeEach(() => {
  workspace = createSmallWorkspace();
  workspace.addPackage('packages/smmf', workspace.published('smmf'), []);
  workspace.write('.changeset/one.md', '---\n"@smmf/core": minor\n---\n\nA change.\n');
});
afterEach(() => workspace.remove('.'));

describe('release', () => {
  /** Runs a release whose commands are only written down; `fail` names the one that fails, `dirty` is git's answer. */
  function dryHand({ dryRun = false, fail = '', dirty = '' } = {}) {
    const commands: string[] = [];
    const run = (command: string, args: readonly string[]) => {
      const line = [command, ...args].join(' ');
      if (fail !== '' && line.includes(fail)) throw new Error(`${line} failed`);
      commands.push(line);
      return line.startsWith('git status') ? dirty : '';
    };
    const said: string[] = [];
    let error = '';
    try {
      release({ root: workspace.root, run, say: (line) => said.push(line) }, { dryRun });
    } catch (thrown) {
      error = String(thrown);
    }
    return { commands, said: said.join('\n'), error };
  }

  it('checks and tests before it versions, builds before it publishes', () => {
    const { commands, said } = dryHand();
    expect(commands.slice(1)).toEqual([
      'pnpm check',
      'pnpm test',
      'pnpm exec changeset version',
      'pnpm exec tsc -b --force',
      'git add --all',
      'git commit -m Release 0.1.0',
      'git tag v0.1.0',
      expect.stringMatching(/^pnpm --filter=@smmf\/client .*--filter=smmf .*-r publish --access public$/),
    ]);
    expect(said).toContain('git push origin HEAD v0.1.0');
  });

  it('commits and publishes nothing in a dry run, and names what it would', () => {
    const { commands, said } = dryHand({ dryRun: true });
    expect(commands.at(-1)).toBe('pnpm exec tsc -b --force');
    expect(said).toContain('Version 0.1.0 of 5 packages: @smmf/client, @smmf/core, @smmf/protocol, smmf, @smmf/vllm');
  });

  it('names the builds for other platforms that nobody could try', () => {
    const optionalDependencies = { '@native/here': 'catalog:', '@native/elsewhere': 'catalog:' };
    workspace.change('plugins/vllm/package.json', { optionalDependencies });
    workspace.write('pnpm-lock.yaml', "packages:\n\n  '@native/here@1.0.0':\n    resolution: {}\n");
    expect(dryHand().said).toContain('not served here and so never tried: @native/elsewhere\n');
  });

  it.each(['pnpm check', 'pnpm test', 'changeset version', 'tsc -b'])('publishes nothing when `%s` fails', (fail) => {
    const { commands, error } = dryHand({ fail });
    expect(error).toContain('failed');
    expect(commands.join('\n')).not.toMatch(/commit|publish/);
  });

  it('refuses a work tree that is not clean', () => {
    expect(dryHand({ dirty: ' M package.json\n' })).toMatchObject({
      commands: ['git status --porcelain'],
      error: expect.stringContaining('not clean'),
    });
  });

  it('refuses when there is no changeset', () => {
    workspace.remove('.changeset/one.md');
    workspace.write('.changeset/README.md', '');
    expect(dryHand().error).toContain('there is no changeset');
  });
});

describe('.changeset/config.json', () => {
  it('gives all packages one version, and a plugin no major one for a minor of core', () => {
    copyFileSync(join(repositoryRoot, '.changeset/config.json'), join(workspace.root, '.changeset/config.json'));
    workspace.write('package.json', { name: 'small', private: true });
    workspace.write('pnpm-workspace.yaml', 'packages: [packages/*, plugins/*, apps/*]\ncatalog: {}\n');
    workspace.write('pnpm-lock.yaml', "lockfileVersion: '9.0'\n");
    spawnSync('git', ['init', '-q', '-b', 'main'], { cwd: workspace.root });
    const changeset = join(repositoryRoot, 'node_modules/.bin/changeset');
    const { status, stdout, stderr } = spawnSync(changeset, ['version'], { cwd: workspace.root, encoding: 'utf8' });
    expect(status, stdout + stderr).toBe(0);
    const published = readWorkspace(workspace.root).filter(({ group }) => group !== 'apps');
    expect(published.map(({ manifest }) => manifest.version)).toEqual(published.map(() => '0.2.0'));
    expect(readFileSync(join(workspace.root, 'packages/core/CHANGELOG.md'), 'utf8')).toContain('A change.');
  });
});

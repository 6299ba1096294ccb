import { spawnSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repositoryRoot } from '../workspace.ts';
import { createSmallWorkspace, type SmallWorkspace } from './small-workspace.ts';

/** What biome.json must find; every text is a file of its own in packages/core/src. */
const faults: readonly [rule: string, text: string][] = [
  ['nursery/noFloatingPromises', 'const work = async () => {};\nexport const start = () => {\n  work();\n};\n'],
  ['nursery/noMisusedPromises', 'const work = async () => true;\nexport const start = () => (work() ? 1 : 2);\n'],
  ['style/noDefaultExport', 'export default 1;\n'],
  ['style/noEnum', 'export enum Kind {\n  A,\n}\n'],
  ['style/noNamespace', 'export namespace Space {\n  export const a = 1;\n}\n'],
  ['style/noParameterProperties', 'export class Box {\n  constructor(readonly a: number) {}\n}\n'],
  ['style/noRestrictedImports', "import { container } from 'tsyringe';\n\nexport const box = container;\n"],
  ['suspicious/noExplicitAny', 'export const a: any = 1;\n'],
  ['suspicious/noImportCycles', "import { b } from './cycle-b.ts';\n\nexport const a = () => b;\n"],
  [
    'style/noExcessiveLinesPerFile',
    Array.from({ length: 301 }, (_, index) => `export const a${index} = 1;\n`).join(''),
  ],
  ['complexity/noExcessiveLinesPerFunction', `export function f() {\n${'  console.log(1);\n'.repeat(51)}}\n`],
];

/** What it must let pass, by path. */
const allowed: readonly [path: string, text: string][] = [
  ['packages/core/src/container.ts', "import { container } from 'tsyringe';\n\nexport const box = container;\n"],
  ['plugins/vllm/src/index.ts', 'export default 1;\n'],
  ['vitest.config.ts', 'export default {};\n'],
  ['packages/core/test/long.test.ts', `export function f() {\n${'  console.log(1);\n'.repeat(400)}}\n`],
];

describe('biome.json', () => {
  let workspace: SmallWorkspace;
  /** `path rule` of every finding. */
  let findings: string[];

  beforeAll(() => {
    workspace = createSmallWorkspace();
    copyFileSync(join(repositoryRoot, 'biome.json'), join(workspace.root, 'biome.json'));
    workspace.write('.gitignore', 'dist/\n');
    for (const [index, [, text]] of faults.entries()) workspace.write(`packages/core/src/fault-${index}.ts`, text);
    const cycle = faults.findIndex(([rule]) => rule.endsWith('noImportCycles'));
    workspace.write(
      'packages/core/src/cycle-b.ts',
      `import { a } from './fault-${cycle}.ts';\n\nexport const b = () => a;\n`,
    );
    for (const [path, text] of allowed) workspace.write(path, text);
    const biome = join(repositoryRoot, 'node_modules/.bin/biome');
    const args = ['lint', '--reporter=github', '--max-diagnostics=none', '.'];
    const { stdout } = spawnSync(biome, args, { cwd: workspace.root, encoding: 'utf8' });
    findings = [...stdout.matchAll(/^::\w+ title=lint\/([\w/]+),file=([^,]+),/gm)].map(
      ([, rule, path]) => `${relative(workspace.root, path ?? '')} ${rule}`,
    );
  });
  afterAll(() => workspace.remove('.'));

  it.each(faults.map(([rule], index) => [rule, index] as const))('finds %s', (rule, index) => {
    expect(findings).toContain(`packages/core/src/fault-${index}.ts ${rule}`);
  });

  it.each(allowed.map(([path]) => path))('finds nothing in %s', (path) => {
    expect(findings.filter((finding) => finding.startsWith(`${path} `))).toEqual([]);
  });
});

import { readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkSnippets, markdownFiles, snippetsOf } from '../check-readmes.ts';
import { repositoryRoot } from '../workspace.ts';
import { createSmallWorkspace, type SmallWorkspace } from './small-workspace.ts';

const fence = '```';
const markdown = (info: string, ...code: string[]) => `# Title\n\n${fence}${info}\n${code.join('\n')}\n${fence}\n`;

describe('snippetsOf', () => {
  it('finds TypeScript blocks with their line, and no others', () => {
    const text = `${markdown('ts', 'const a = 1;')}${markdown('sh', 'npm start')}${markdown('typescript', 'const b = 2;')}`;
    expect(snippetsOf('README.md', text)).toEqual([
      { file: 'README.md', line: 4, code: 'const a = 1;\n' },
      { file: 'README.md', line: 14, code: 'const b = 2;\n' },
    ]);
  });

  it('keeps the reason of a block that is not to be checked', () => {
    expect(snippetsOf('a.md', markdown('ts no-check needs a package of the reader', 'x'))).toMatchObject([
      { unchecked: 'needs a package of the reader' },
    ]);
  });
});

describe('checkSnippets', () => {
  let workspace: SmallWorkspace;
  beforeAll(() => {
    workspace = createSmallWorkspace();
    for (const name of ['node_modules', 'tsconfig.base.json'])
      symlinkSync(join(repositoryRoot, name), join(workspace.root, name));
    workspace.write('packages/protocol/src/index.ts', 'export const answer: number = 42;\n');
  });
  afterAll(() => workspace.remove('.'));

  const check = (...code: string[]) => checkSnippets(workspace.root, snippetsOf('docs/a.md', markdown('ts', ...code)));

  it('accepts an example that uses the sources of the workspace, without a build', () => {
    const result = check(
      "import { answer } from '@smmf/protocol';",
      "import { readFile } from 'node:fs/promises';",
      'await readFile(String(answer));',
    );
    expect(result).toEqual({ faults: [], checked: 1 });
  });

  it('names file and line of Markdown for a type that does not fit and a name that does not exist', () => {
    const { faults } = check("import { answer, question } from '@smmf/protocol';", '', 'const text: string = answer;');
    expect(faults).toEqual([
      expect.stringMatching(/^docs\/a\.md:4: TS2305: .*question/),
      expect.stringMatching(/^docs\/a\.md:6: TS2322: /),
    ]);
  });

  it('lets two snippets use the same name', () => {
    const twice = [1, 2].flatMap(() => snippetsOf('a.md', markdown('ts', 'const smmf = 1;', 'console.log(smmf);')));
    expect(checkSnippets(workspace.root, twice)).toEqual({ faults: [], checked: 2 });
  });

  it('leaves out a block with a reason, and names one without', () => {
    const text = markdown('ts no-check your own package', 'nonsense') + markdown('ts no-check', 'nonsense');
    expect(checkSnippets(workspace.root, snippetsOf('a.md', text))).toEqual({
      faults: ['a.md:8: a `no-check` block says why, on the same line'],
      checked: 0,
    });
  });

  it('leaves nothing behind', () => {
    expect(readdirSync(join(workspace.root, '.cache'))).toEqual([]);
  });

  it('looks at the READMEs of the root and of every package, and at docs', () => {
    for (const file of ['README.md', 'docs/adr/1.md', 'docs/config.md']) workspace.write(file, '');
    expect(markdownFiles(workspace.root)).toEqual([
      'README.md',
      'packages/client/README.md',
      'packages/core/README.md',
      'packages/protocol/README.md',
      'plugins/vllm/README.md',
      'docs/adr/1.md',
      'docs/config.md',
    ]);
  });
});

import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reexportedPackages, undocumentedExports } from '../declarations.ts';
import { createSmallWorkspace, type SmallWorkspace } from './small-workspace.ts';

let workspace: SmallWorkspace;
beforeEach(() => {
  workspace = createSmallWorkspace();
});
afterEach(() => workspace.remove('.'));

const folder = () => join(workspace.root, 'dist');
const write = (name: string, text: string) => {
  workspace.write(`dist/${name}`, text);
  return join(folder(), name);
};

describe('reexportedPackages', () => {
  it('names each package that an entry exports from, once, and no module of its own', () => {
    const entry = write(
      'index.d.ts',
      "import { y } from 'mentioned';\nexport { a } from './a.ts';\nexport { z } from 'zod';\nexport type {\n  B,\n  C,\n} from '@smmf/core';\nexport * from 'all';\nexport * as space from 'space';\nexport { ZodError } from 'zod';\nexport { y };\n",
    );
    expect(reexportedPackages(entry)).toEqual(['zod', '@smmf/core', 'all', 'space']);
  });
});

describe('undocumentedExports', () => {
  it('asks for a doc comment where an export is declared', () => {
    write(
      'a.d.ts',
      '/** Told. */\nexport declare const told = 1;\nexport declare const untold = 2;\nexport interface Shape {}\n',
    );
    const entry = write(
      'index.d.ts',
      "export {\n  // the pair\n  told,\n  untold as renamed,\n  type Shape,\n} from './a.ts';\n",
    );
    expect(undocumentedExports(entry)).toEqual(['renamed', 'Shape']);
  });

  it.each([
    'function f(): void',
    'class f {}',
    'abstract class f {}',
    'interface f {}',
    'type f = string',
    'let f: string',
  ])('sees an export by its own declaration: %s', (text) => {
    const keyword = /^(interface|type)/.test(text) ? 'export' : 'export declare';
    expect(undocumentedExports(write('index.d.ts', `${keyword} ${text};\n`))).toEqual(['f']);
    expect(undocumentedExports(write('index.d.ts', `/** Told. */\n${keyword} ${text};\n`))).toEqual([]);
  });

  it('follows stars, local lists and imports', () => {
    write('a.d.ts', 'export declare const starred = 1;\n');
    write('b.d.ts', 'export declare const listed = 1;\n/** Told. */\nexport declare const told = 1;\n');
    write('c.d.ts', "export { listed } from './b.ts';\n");
    const entry = write(
      'index.d.ts',
      "import { listed } from './c.ts';\nimport { told } from './b.ts';\nexport * from './a.ts';\nexport { listed, told };\n",
    );
    expect(undocumentedExports(entry)).toEqual(['listed', 'starred']);
  });

  it('looks at a default export', () => {
    expect(
      undocumentedExports(write('index.d.ts', 'declare const _default: object;\nexport default _default;\n')),
    ).toEqual(['default']);
    const told = '/** The plugin. */\ndeclare const _default: object;\nexport default _default;\n';
    expect(undocumentedExports(write('index.d.ts', told))).toEqual([]);
  });

  it('takes one documented overload for all, and leaves names of other packages to them', () => {
    const entry = write(
      'index.d.ts',
      "/** Told. */\nexport declare function f(a: string): void;\nexport declare function f(a: number): void;\nexport { SmmfError } from '@smmf/core';\n",
    );
    expect(undocumentedExports(entry)).toEqual([]);
  });
});

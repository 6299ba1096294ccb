import { describe, expect, it } from 'vitest';
import { reachableDeclarations } from '../reachable-declarations.ts';

const text = (...statements: string[]): string => `${statements.join('\n\n')}\n`;

describe('reachableDeclarations', () => {
  it('keeps exports, what they mention directly or through others, and the comment of each', () => {
    const kept = [
      '/** A. */\nexport declare function a(): B;',
      '/**\n * B.\n */\ndeclare interface B {\n    readonly c: typeof C;\n}',
      'declare const C: 1;',
      'export { }',
    ];
    expect(reachableDeclarations(text(...kept, '/** Names B. */\ndeclare type D = B;'))).toBe(kept.join('\n\n'));
  });

  it('takes every overload, and a default export that stands below its declaration', () => {
    const kept = [
      'export declare function f(one: A): void;',
      'export declare function f(one: B): void;',
      'declare type A = 1;',
      'declare type B = 2;',
      '/** The plugin. */\ndeclare const _default: 3;\nexport default _default;',
    ];
    expect(reachableDeclarations(text(...kept))).toBe(kept.join('\n\n'));
  });

  it('is not misled by names of fields, parameters and methods, and by comments', () => {
    const kept =
      '/** Unlike {@link hidden}. */\nexport declare interface A {\n    field?: 1;\n    method(parameter: 2): 3;\n}';
    const others = ['field', 'method', 'parameter', 'hidden'].map((name) => `declare const ${name}: 1;`);
    expect(reachableDeclarations(text(kept, ...others))).toBe(kept);
  });

  it('follows a conditional type and a computed key', () => {
    const kept = [
      'export declare type A<T> = T extends B ? C : D;',
      'declare type B = 1;',
      'declare type C = 2;',
      'declare type D = { [KEY]: 1 };',
      'declare const KEY: unique symbol;',
    ];
    expect(reachableDeclarations(text(...kept))).toBe(kept.join('\n\n'));
  });

  it('names the members of a module that was imported as a namespace, and drops the others', () => {
    const namespace =
      'declare namespace wire {\n    export {\n        Usage,\n        Edit_2 as Edit,\n        rest\n    }\n}';
    const members = ['declare type Usage = 1;', 'declare type Edit_2 = 2;', 'declare const rest: 3;'];
    const reached = reachableDeclarations(
      text('export declare type A = wire.Usage | wire.Edit;', namespace, ...members),
    );
    expect(reached).toBe(['export declare type A = Usage | Edit_2;', ...members.slice(0, 2)].join('\n\n'));
  });

  it('keeps the imports that are used', () => {
    const imports = [
      "import { A } from 'a';",
      "import type { B } from 'b';",
      "import * as z from 'zod';",
      "import Main from 'main';",
      "import { C as C_2 } from 'c';",
      "import 'effect';",
    ];
    const used = 'export declare type X = [A, B, z.infer<1>, Main, C_2];';
    expect(reachableDeclarations(text(imports.join('\n'), used))).toBe(`${imports.join('\n')}\n\n${used}`);
    expect(reachableDeclarations(text(imports.join('\n'), 'export declare type X = [C];'))).toBe(
      "import 'effect';\n\nexport declare type X = [C];",
    );
  });
});

// Reads emitted .d.ts files: which modules an entry reaches inside its package, and which of its exports lack a doc comment.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { importSpecifiers } from './import-specifiers.ts';

/** The declaration file that a relative specifier names from `file` (`./x.ts` and `./x.js` both mean `x.d.ts`). */
function declarationFile(file: string, specifier: string): string {
  return join(dirname(file), specifier.replace(/\.[jt]s$/, '.d.ts'));
}

/** Every declaration file that the entries reach by relative imports and re-exports: the entries first, then in order of mention. */
export function reachedModules(entries: readonly string[]): string[] {
  const reached = [...entries];
  for (const file of reached) {
    for (const specifier of importSpecifiers(readFileSync(file, 'utf8'))) {
      const target = declarationFile(file, specifier);
      if (specifier.startsWith('.') && !reached.includes(target) && existsSync(target)) reached.push(target);
    }
  }
  return reached;
}

/** The text of all modules that the entries reach, each under a line with its name. */
export function apiText(folder: string, entries: readonly string[]): string {
  return reachedModules(entries)
    .map((file) => {
      const text = readFileSync(file, 'utf8')
        .replace(/^\/\/# sourceMappingURL=.*$/m, '')
        .trim();
      return `// ${relative(folder, file).replaceAll(sep, '/')}\n${text}\n`;
    })
    .join('\n');
}

const kinds = 'const|let|function|class|interface|type|enum|namespace';
const declaration = new RegExp(`^(?:export )?(?:default )?(?:declare )?(?:abstract )?(?:${kinds}) (\\w+)`, 'gm');
const exportedDeclaration = new RegExp(`^export (?:default )?(?:declare )?(?:abstract )?(?:${kinds}) (\\w+)`, 'gm');
const exportList = /^export (?:type )?\{([^}]*)\}(?:\s*from\s*['"]([^'"]+)['"])?/gm;
const importList = /^import (?:type )?\{([^}]*)\}\s*from\s*['"]([^'"]+)['"]/gm;
const exportAll = /^export \* from ['"](\.[^'"]+)['"]/gm;
const exportDefaultName = /^export default (\w+);/m;

/** The exports of a declaration file that have no doc comment where they are declared. Names of other packages are theirs to document. */
export function undocumentedExports(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const names = [...text.matchAll(exportedDeclaration)].map(([, name = '']) => name);
  const defaultName = text.match(exportDefaultName)?.[1];
  if (defaultName) names.push(defaultName);
  const missing = names
    .filter((name) => !isDocumented(file, name))
    .map((name) => (name === defaultName ? 'default' : name));
  for (const [, list = '', from] of text.matchAll(exportList)) {
    for (const [inner, outer] of namesOf(list)) {
      if (from?.startsWith('.') === false) continue;
      if (!isDocumented(from ? declarationFile(file, from) : file, inner)) missing.push(outer);
    }
  }
  for (const [, from = ''] of text.matchAll(exportAll))
    missing.push(...undocumentedExports(declarationFile(file, from)));
  return [...new Set(missing)];
}

/** Whether `name`, as it is known inside `file`, has a doc comment; follows imports and re-exports within the package. */
function isDocumented(file: string, name: string): boolean {
  const text = readFileSync(file, 'utf8');
  const declared = [...text.matchAll(declaration)].filter(([, found]) => found === name);
  if (declared.length > 0) return declared.some(({ index }) => /\*\/\s*$/.test(text.slice(0, index)));
  for (const list of [importList, exportList]) {
    for (const [, names = '', from] of text.matchAll(list)) {
      const inner = namesOf(names).find(([, outer]) => outer === name)?.[0];
      if (!inner || !from) continue;
      return from.startsWith('.') ? isDocumented(declarationFile(file, from), inner) : true;
    }
  }
  return [...text.matchAll(exportAll)].some(([, from = '']) => isDocumented(declarationFile(file, from), name));
}

/** `a, type B as C` → `[a, a], [B, C]`. */
function namesOf(list: string): [inner: string, outer: string][] {
  return list
    .replace(/\/\/.*$|\/\*[\s\S]*?\*\//gm, '')
    .split(',')
    .map((item) => item.trim().replace(/^type /, ''))
    .filter((item) => item !== '')
    .map((item) => {
      const [inner = item, outer = inner] = item.split(' as ');
      return [inner, outer];
    });
}

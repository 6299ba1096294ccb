// Reads emitted .d.ts files: which packages an entry re-exports from, and which of its exports lack a doc comment.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The declaration file that a relative specifier names from `file` (`./x.ts` and `./x.js` both mean `x.d.ts`). */
function declarationFile(file: string, specifier: string): string {
  return join(dirname(file), specifier.replace(/\.[jt]s$/, '.d.ts'));
}

const kinds = 'const|let|function|class|interface|type|enum|namespace';
const declaration = new RegExp(`^(?:export )?(?:default )?(?:declare )?(?:abstract )?(?:${kinds}) (\\w+)`, 'gm');
const exportedDeclaration = new RegExp(`^export (?:default )?(?:declare )?(?:abstract )?(?:${kinds}) (\\w+)`, 'gm');
const exportList = /^export (?:type )?\{([^}]*)\}(?:\s*from\s*['"]([^'"]+)['"])?/gm;
const importList = /^import (?:type )?\{([^}]*)\}\s*from\s*['"]([^'"]+)['"]/gm;
const exportAll = /^export \* from ['"](\.[^'"]+)['"]/gm;
const exportAny = /^export \*(?: as \w+)? from ['"]([^'"]+)['"]/gm;
const exportDefaultName = /^export default (\w+);/m;

/** The packages whose names an entry exports as its own: `export { x } from 'package'`. */
export function reexportedPackages(entry: string): string[] {
  const text = readFileSync(entry, 'utf8');
  const sources = [...text.matchAll(exportList), ...text.matchAll(exportAny)].map((match) => match.at(-1));
  return [...new Set(sources.filter((from): from is string => from !== undefined && !from.startsWith('.')))];
}

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

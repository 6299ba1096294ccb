// Finds what a source file imports, without a parser: our sources are formatted, so an import begins its line.

const staticImport = /^(?:import|export)\s(?:[\w\s{},*$]*?\bfrom\s*)?['"]([^'"\n]+)['"]/gm;
const dynamicImport = /^(?!\s*(?:\*|\/\/)).*?\b(?:import|import\.meta\.resolve)\(\s*['"]([^'"\n]+)['"]/gm;

/** Every module specifier that a source text imports, re-exports, loads with `import()` or names in `import.meta.resolve()`. */
export function importSpecifiers(source: string): string[] {
  const found = [staticImport, dynamicImport].flatMap((pattern) =>
    [...source.matchAll(pattern)].map(([, name]) => name),
  );
  return [...new Set(found.filter((name) => name !== undefined))];
}

/** The package that a specifier names (`@smmf/x/backend` → `@smmf/x`); undefined for relative paths and Node's own modules. */
export function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith('.') || specifier.startsWith('node:') || specifier.startsWith('/')) return undefined;
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

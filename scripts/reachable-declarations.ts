// Takes out of rolled-up declarations what no export reaches. api-extractor shows `import * as wire` as a namespace of everything that the
// module exports; where single members are named, these alone are part of the API.

/** A top-level statement with the comment before it. */
interface Statement {
  readonly text: string;
  /** What it declares; undefined for imports and lists of exports. */
  readonly name: string | undefined;
  readonly isExported: boolean;
  /** The words outside of comments that may name another declaration. */
  readonly words: ReadonlySet<string>;
}

const kinds = 'const|let|function|class|interface|type|enum|namespace';
const declared = new RegExp(`^(?:export )?(?:default )?(?:declare )?(?:abstract )?(?:${kinds}) (\\w+)`, 'm');
/** A field, a parameter or a method; the colon of a conditional type has a space before it. */
const ownName = /[\w$]+(?=\??:|\()/g;
const comment = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm;
const namespaceOfModule = /^declare namespace (\w+) \{\n {4}export \{\n([\s\S]*?)\n {4}\}\n\}\n/gm;

/** Statements begin at the left edge: with their comment, or with a keyword behind an empty line. */
function statementsOf(text: string): Statement[] {
  return text
    .split(/\n\n(?=\/\*\*|import |export |declare )/)
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const code = part.replaceAll(comment, '');
      const [, name] = declared.exec(code) ?? [];
      // `export default` stands below the declaration that it exports, in one statement with it.
      const isExported = /^export /m.test(code);
      return { text: part, name, isExported, words: new Set(code.replaceAll(ownName, '').match(/[\w$]+/g)) };
    });
}

/** `wire.Usage` → `Usage`, as the statement is called here; and the namespace goes. */
function withoutNamespaces(text: string): string {
  let flat = text;
  for (const [whole, namespace = '', list = ''] of text.matchAll(namespaceOfModule)) {
    const names = new Map(
      list.split(',').map((item): [string, string] => {
        const [inner = '', outer = inner] = item.trim().split(' as ');
        return [outer, inner];
      }),
    );
    flat = flat
      .replace(whole, '')
      .replaceAll(new RegExp(`\\b${namespace}\\.(\\w+)`, 'g'), (member, name: string) => names.get(name) ?? member);
  }
  return flat;
}

/** The same text without the declarations that neither are exported nor reached from one that is. */
export function reachableDeclarations(text: string): string {
  const statements = statementsOf(withoutNamespaces(text));
  const declaring = Map.groupBy(statements, ({ name }) => name);
  const isImport = ({ text: code }: Statement): boolean => /^import /m.test(code);
  const reached = new Set(statements.filter((one) => one.isExported));
  for (const { words } of reached) {
    for (const word of words) for (const one of declaring.get(word) ?? []) reached.add(one);
  }
  const words = new Set([...reached].flatMap((one) => [...one.words]));
  return statements
    .map((one) => (isImport(one) ? usedImports(one.text, words) : reached.has(one) ? one.text.trimEnd() : ''))
    .filter((part) => part !== '')
    .join('\n\n');
}

/** The lines of a block of imports whose name something still uses. */
function usedImports(block: string, words: ReadonlySet<string>): string {
  const name = /^import (?:type )?(?:\{ (?:\w+ as )?(\w+) \}|\* as (\w+)|(\w+)) from/;
  const isUsed = (line: string): boolean => {
    const [, member, namespace, main] = name.exec(line) ?? [];
    const local = member ?? namespace ?? main;
    return local === undefined || words.has(local);
  };
  return block.split('\n').filter(isUsed).join('\n').trim();
}

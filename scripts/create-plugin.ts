// Writes a new plugin under plugins/ that passes every check and its conformance suite as it stands; its author then replaces what it
// does. The files come from scripts/create-plugin/KIND.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { nodeFloor, pluginPeers } from './package-rules.ts';
import { isMain, listFiles, readJson, readWorkspace, repositoryRoot } from './workspace.ts';

/** What can be created: the kind that the plugin declares, the beginning of its folder's name, and what it does. */
const templates = {
  engine: { kind: 'engine', prefix: '', does: "Engine plugin: answers a chat with the caller's own words." },
  wire: { kind: 'engine', prefix: '', does: 'Engine plugin: a server that speaks OpenAI and runs already.' },
  proxy: { kind: 'engine', prefix: 'proxy-', does: 'Engine plugin: a vendor that speaks the OpenAI API, as data.' },
  registry: { kind: 'registry', prefix: 'registry-', does: 'Registry plugin: instance records in this process.' },
  balancer: { kind: 'balancer', prefix: 'balancer-', does: "Balancer plugin: one's own zone first." },
} as const;

/** Which of them are made of what `@smmf/client` has. */
const overClient: readonly string[] = ['wire', 'proxy'];

/** A kind of plugin that can be created. */
export type TemplateName = keyof typeof templates;

const usage = `Usage: npm run create-plugin -- KIND NAME

  wire     NAME   plugins/NAME            stands before a server that speaks OpenAI and runs already
  engine   NAME   plugins/NAME            runs a model, or speaks to a server in its own dialect
  proxy    NAME   plugins/proxy-NAME      a vendor that speaks the OpenAI API, as data
  registry NAME   plugins/registry-NAME   where instances find each other
  balancer NAME   plugins/balancer-NAME   chooses an instance for each call

NAME: lower-case letters, digits and single dashes, at most 32 characters. The plugin's package is @smmf/ and its folder's name.
Writes the package, its line in tsconfig.json and a changeset. docs/plugins has a page for each kind.
`;

/** The root's version, references and scopes decide what a package.json holds; the rules are those of check-packages. */
function manifestOf(template: TemplateName, folder: string, version: string): object {
  const { kind, does } = templates[template];
  const [core = '', zod = ''] = pluginPeers;
  const entry = { 'smmf-source': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' };
  return {
    name: `@smmf/${folder}`,
    version,
    description: does,
    license: 'MIT',
    type: 'module',
    engines: { node: nodeFloor },
    sideEffects: false,
    files: ['dist', 'src'],
    exports: { '.': entry, './package.json': './package.json' },
    smmf: { kind, stability: 'alpha' },
    keywords: ['smmf', 'smmf-plugin'],
    peerDependencies: { [core]: '>=0.1.0 <1.0.0', [zod]: '^4.0.0' },
    ...(overClient.includes(template) ? { dependencies: { '@smmf/client': 'workspace:^' } } : {}),
    devDependencies: {
      [core]: 'workspace:^',
      '@smmf/testkit': 'workspace:^',
      ...(template === 'proxy' ? {} : { [zod]: 'catalog:' }),
    },
  };
}

function tsconfigOf(template: TemplateName): string {
  const references = overClient.includes(template) ? ['client', 'core'] : ['core'];
  const entries = references.map((name) => `    {\n      "path": "../../packages/${name}"\n    }`);
  return `{
  "extends": "../../tsconfig.base.json",
  "compilerOptions": {
    "rootDir": "src",
    "outDir": "dist"
  },
  "include": ["src"],
  "references": [
${entries.join(',\n')}
  ]
}
`;
}

/** The template's own files, by path in the package. */
function sourcesOf(template: TemplateName, name: string, folder: string): Map<string, string> {
  const from = join(import.meta.dirname, 'create-plugin', template);
  const words: Readonly<Record<string, string>> = {
    name: folder,
    package: `@smmf/${folder}`,
    Name: name.replace(/(?:^|-)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
  };
  const fill = (text: string): string => text.replace(/\{\{(\w+)\}\}/g, (_, word: string) => words[word] ?? '');
  const files = listFiles(from, '.template');
  return new Map(
    files.map((file) => [relative(from, file).replace('.template', ''), fill(readFileSync(file, 'utf8'))]),
  );
}

const toJson = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;

/** Everything that is wrong with a name, in words; undefined when nothing is. */
function faultOf(root: string, name: string, folder: string): string | undefined {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || name.length > 32) {
    return `"${name}" is no name for a plugin: lower-case letters, digits and single dashes, a letter first, at most 32 characters`;
  }
  const taken = readWorkspace(root).find((one) => one.name === `@smmf/${folder}` || one.name === folder);
  if (taken) return `${taken.path} has this name already; choose another`;
  return existsSync(join(root, 'plugins', folder))
    ? `plugins/${folder} exists already; choose another name`
    : undefined;
}

/**
 * Writes a plugin into the workspace under `root`.
 *
 * @returns the written paths relative to `root`
 * @throws an Error that says what is wrong with the name
 */
export function createPlugin(root: string, template: TemplateName, name: string): string[] {
  const { prefix, does } = templates[template];
  const base = name.startsWith(prefix) ? name.slice(prefix.length) : name;
  const folder = prefix + base;
  const fault = faultOf(root, base, folder);
  if (fault !== undefined) throw new Error(fault);
  const version = readWorkspace(root).find(({ group }) => group === 'packages')?.manifest.version ?? '0.1.0';
  const place = `plugins/${folder}`;
  const solution = readJson(join(root, 'tsconfig.json')) as { references: { path: string }[] };
  const files = new Map([
    [`${place}/package.json`, toJson(manifestOf(template, folder, version))],
    [`${place}/tsconfig.json`, tsconfigOf(template)],
    ...[...sourcesOf(template, base, folder)].map(([path, text]) => [`${place}/${path}`, text] as const),
    ['tsconfig.json', toJson({ ...solution, references: [...solution.references, { path: place }] })],
    [`.changeset/new-${folder}.md`, `---\n"@smmf/${folder}": minor\n---\n\n${does}\n`],
  ]);
  for (const [path, text] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return [...files.keys()];
}

function main(): number {
  const { values, positionals } = parseArgs({
    options: { help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
    strict: false,
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const [template = '', name, ...rest] = positionals;
  if (!Object.hasOwn(templates, template) || name === undefined || rest.length > 0) {
    process.stderr.write(usage);
    return 2;
  }
  try {
    const written = createPlugin(repositoryRoot, template as TemplateName, name);
    const place = dirname(written[0] ?? '');
    process.stdout.write(`${written.join('\n')}\n
Next (\`npm run create-plugin\` installs by itself; after \`node scripts/create-plugin.ts\` do \`pnpm install\`):
  npm test -- ${place}
  pnpm build && node scripts/api-snapshot.ts --write && pnpm check     with Node 22.19 or newer, and pnpm 12
Then make it yours: ${place}/src, README.md, the tests, and the changeset's words.
`);
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    return 2;
  }
}

if (isMain(import.meta.url)) process.exitCode = main();

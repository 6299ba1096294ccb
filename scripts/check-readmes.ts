// Type-checks every ```ts block of the READMEs and the docs together with the sources of the workspace. Run by `pnpm check`.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { isMain, listFiles, readWorkspace, repositoryRoot } from './workspace.ts';

/** One fenced block. */
export interface Snippet {
  /** The Markdown file, relative to the root. */
  readonly file: string;
  /** Line of the block's first line of code, from 1. */
  readonly line: number;
  readonly code: string;
  /** Why it is not checked: the words after `no-check` on the opening line; empty when none were given. */
  readonly unchecked?: string;
}

/** The ```ts blocks of a Markdown text. */
export function snippetsOf(file: string, markdown: string): Snippet[] {
  const found: Snippet[] = [];
  for (const match of markdown.matchAll(/^```(?:ts|typescript)\b[ \t]*(.*)\n([\s\S]*?)^```[ \t]*$/gm)) {
    const [, info = '', code = ''] = match;
    const line = markdown.slice(0, match.index).split('\n').length + 1;
    const unchecked = info.match(/^no-check\b(.*)/)?.[1]?.trim();
    found.push({ file, line, code, ...(unchecked === undefined ? {} : { unchecked }) });
  }
  return found;
}

/** Every Markdown file that is checked: of the root, of each package, and all below docs/. */
export function markdownFiles(root: string): string[] {
  const readmes = [
    'README.md',
    'ARCHITECTURE.md',
    'CONTRIBUTING.md',
    ...readWorkspace(root).map(({ path }) => `${path}/README.md`),
  ];
  const docs = listFiles(join(root, 'docs'), '.md').map((file) => relative(root, file));
  return [...readmes, ...docs].filter((file) => existsSync(join(root, file)));
}

/**
 * Type-checks the snippets, each as a module of its own that may import every package of the workspace and what those install.
 *
 * @returns faults as `FILE.md:LINE: message`, and how many snippets were checked
 */
export function checkSnippets(root: string, snippets: readonly Snippet[]): { faults: string[]; checked: number } {
  const faults = snippets.flatMap(({ file, line, unchecked }) =>
    unchecked === '' ? [`${file}:${line - 1}: a \`no-check\` block says why, on the same line`] : [],
  );
  const checked = snippets.filter(({ unchecked }) => unchecked === undefined);
  if (checked.length === 0) return { faults, checked: 0 };

  mkdirSync(join(root, '.cache'), { recursive: true });
  const folder = mkdtempSync(join(root, '.cache/readmes-'));
  try {
    const places = new Map(checked.map((snippet, index) => [writeSnippet(folder, snippet, index), snippet]));
    linkPackages(root, folder);
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(compilerSettings(root)));
    return { faults: [...faults, ...compile(folder, places)], checked: checked.length };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Writes one snippet and gives its file name. A snippet that begins with a line such as `// src/index.ts` is that file of its
 * page, so that the files of a page may import each other; any other one is a module of its own.
 */
function writeSnippet(folder: string, { file, code }: Snippet, index: number): string {
  const page = file.replaceAll(/[^a-zA-Z0-9]+/g, '-');
  const own = /^\/\/ ([\w./-]+\.ts)\n/.exec(code)?.[1];
  const name = own === undefined ? `${index}-${page}.mts` : `${page}/${own}`;
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), `${code}\nexport {};\n`);
  return name;
}

/** Links every package of the workspace, and every package that one of them installs, into the folder's node_modules. */
function linkPackages(root: string, folder: string): void {
  const link = (name: string, target: string) => {
    const path = join(folder, 'node_modules', name);
    if (existsSync(path) || !existsSync(target)) return;
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(target, path, 'junction');
  };
  const packages = readWorkspace(root);
  for (const one of packages) link(one.name, one.folder);
  for (const { folder: home, manifest } of packages) {
    const names = Object.keys({ ...manifest.devDependencies, ...manifest.dependencies });
    for (const name of names) link(name, join(home, 'node_modules', name));
  }
}

/** As strict as for the sources; an example may leave a name unused. */
function compilerSettings(root: string): object {
  const options = {
    composite: false,
    noEmit: true,
    allowImportingTsExtensions: true,
    noUnusedLocals: false,
    noUnusedParameters: false,
  };
  return {
    extends: join(root, 'tsconfig.base.json'),
    compilerOptions: { ...options, typeRoots: [join(root, 'node_modules/@types')] },
    include: ['*.mts', '*/src/**/*.ts'],
  };
}

function compile(folder: string, places: ReadonlyMap<string, Snippet>): string[] {
  const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
  const { stdout, stderr, status } = spawnSync(process.execPath, [compiler, '-p', folder, '--pretty', 'false'], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (status === 0) return [];
  const faults: string[] = [];
  for (const text of `${stdout}${stderr}`.split('\n').filter((line) => line.trim() !== '')) {
    const [, name = '', line = '0', message = text] = text.match(/^(.*?)\((\d+),\d+\): (?:error )?(.*)$/) ?? [];
    const snippet = places.get(name);
    if (snippet) faults.push(`${snippet.file}:${snippet.line + Number(line) - 1}: ${message}`);
    else if (/^\s/.test(text) && faults.length > 0) faults.push(`${faults.pop()}\n${text}`);
    else faults.push(text);
  }
  return faults.length > 0 ? faults : [`tsc ended with ${status} and said nothing`];
}

if (isMain(import.meta.url)) {
  const snippets = markdownFiles(repositoryRoot).flatMap((file) =>
    snippetsOf(file, readFileSync(join(repositoryRoot, file), 'utf8')),
  );
  const { faults, checked } = checkSnippets(repositoryRoot, snippets);
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  process.stdout.write(`${checked} snippets checked\n`);
  process.exitCode = faults.length > 0 ? 1 : 0;
}

// Shows what an import of a package's entry gives: every export with its whole declaration and comment, and what these mention, from
// emitted .d.ts files. The work is api-extractor's, which brings a TypeScript of its own.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { CompilerState, Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { reexportedPackages } from './declarations.ts';
import { reachableDeclarations } from './reachable-declarations.ts';
import { repositoryRoot } from './workspace.ts';

/** A package and the declaration files of its public entries. */
export interface RolledPackage {
  readonly name: string;
  readonly folder: string;
  readonly entries: readonly string[];
}

/** One entry on its way to a text. */
interface Job {
  readonly one: RolledPackage;
  readonly entry: string;
  readonly file: string;
  readonly config: ExtractorConfig;
}

/**
 * The text of each package's public API by its name. Imports of other packages stay, unless a package re-exports from them: what they
 * declare is shown as its own then.
 */
export function rollUp(packages: readonly RolledPackage[]): Map<string, string> {
  const output = mkdtempSync(join(tmpdir(), 'smmf-api-'));
  try {
    const jobs = packages.flatMap((one) => jobsOf(one, packages, output));
    const [first] = jobs;
    if (!first) return new Map();
    // One program for all of them: most of the time goes into reading declarations.
    const state = CompilerState.create(first.config, { additionalEntryPoints: jobs.map(({ entry }) => entry) });
    const texts = new Map<string, string>();
    for (const job of jobs) {
      const { name } = job.one;
      texts.set(name, [texts.get(name), textOf(job, state)].filter((text) => text !== undefined).join('\n'));
    }
    return texts;
  } finally {
    rmSync(output, { recursive: true });
  }
}

function jobsOf(one: RolledPackage, packages: readonly RolledPackage[], output: string): Job[] {
  const shown = shownPackages(one, packages);
  return one.entries.map((entry, index) => {
    const file = join(output, `${one.name.replace('/', '-')}-${index}.d.ts`);
    return { one, entry, file, config: configOf(one.folder, entry, file, shown) };
  });
}

/** The packages that a package re-exports from, and those that these do. */
function shownPackages(one: RolledPackage, packages: readonly RolledPackage[]): string[] {
  const shown = new Set<string>();
  const add = ({ entries }: RolledPackage): void => {
    for (const name of entries.flatMap((entry) => reexportedPackages(entry))) {
      const target = packages.find((each) => each.name === name);
      if (!target || shown.has(name)) continue;
      shown.add(name);
      add(target);
    }
  };
  add(one);
  return [...shown];
}

function configOf(folder: string, entry: string, file: string, bundledPackages: string[]): ExtractorConfig {
  const compilerOptions = {
    target: 'es2024',
    lib: ['es2024', 'esnext.disposable'],
    module: 'nodenext',
    types: ['node'],
    typeRoots: [join(repositoryRoot, 'node_modules/@types')],
    strict: true,
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    noEmit: true,
  };
  return ExtractorConfig.prepare({
    // The place that paths are relative to; there is no such file.
    configObjectFullPath: join(folder, 'api-extractor.json'),
    packageJsonFullPath: join(folder, 'package.json'),
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: entry,
      bundledPackages,
      newlineKind: 'lf',
      compiler: { overrideTsconfig: { compilerOptions, files: [entry] } },
      apiReport: { enabled: false },
      docModel: { enabled: false },
      tsdocMetadata: { enabled: false },
      dtsRollup: { enabled: true, untrimmedFilePath: file },
    },
  });
}

/** @throws Error with the first fault, for an entry whose declarations cannot be read */
function textOf({ one, entry, file, config }: Job, compilerState: CompilerState): string {
  const faults: string[] = [];
  const { succeeded } = Extractor.invoke(config, {
    localBuild: true,
    compilerState,
    messageCallback: (message) => {
      message.handled = true;
      if (message.logLevel === ExtractorLogLevel.Error) faults.push(message.text);
    },
  });
  if (!succeeded || faults.length > 0) throw new Error(`${entry}: ${faults[0] ?? 'its API cannot be read'}`);
  const place = relative(one.folder, entry).replaceAll(sep, '/');
  return `// ${place}\n${reachableDeclarations(readFileSync(file, 'utf8'))}\n`;
}

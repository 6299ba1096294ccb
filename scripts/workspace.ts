// Reads the workspace from disk: every script that looks at packages begins here.
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the repository. */
export const repositoryRoot = dirname(dirname(fileURLToPath(import.meta.url)));

/** Whether the module of `url` is the program that was started (`import.meta.main`, which Node 22 lacks). */
export function isMain(url: string): boolean {
  return process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(url);
}

/** The parts of a package.json that our scripts read. */
export interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly private?: boolean;
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** One package of the workspace. */
export interface WorkspacePackage {
  readonly group: 'packages' | 'plugins' | 'apps';
  /** Path from the root with forward slashes, such as `packages/core`. */
  readonly path: string;
  readonly folder: string;
  readonly name: string;
  readonly manifest: Manifest;
}

/** Every package under packages/, plugins/ and apps/ that has a package.json, in this order, each group by name. */
export function readWorkspace(root: string): WorkspacePackage[] {
  return (['packages', 'plugins', 'apps'] as const).flatMap((group) => {
    if (!existsSync(join(root, group))) return [];
    return readdirSync(join(root, group))
      .sort()
      .filter((name) => existsSync(join(root, group, name, 'package.json')))
      .map((name) => {
        const folder = join(root, group, name);
        const manifest = readJson(join(folder, 'package.json')) as Manifest;
        return { group, path: `${group}/${name}`, folder, name: manifest.name ?? `${group}/${name}`, manifest };
      });
  });
}

/** The packages that are published: all of packages/ and plugins/ that are not private. */
export function publicPackages(root: string): WorkspacePackage[] {
  return readWorkspace(root).filter(({ group, manifest }) => group !== 'apps' && manifest.private !== true);
}

/** Parses a JSON file. Throws with the file's name when it is not JSON. */
export function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new Error(`${file} is not JSON`, { cause });
  }
}

/** All files below a folder whose name ends in `ending`, sorted, without node_modules, dist and hidden folders. */
export function listFiles(folder: string, ending: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .filter((name) => name !== 'node_modules' && name !== 'dist' && !name.startsWith('.'))
    .flatMap((name) => {
      const path = join(folder, name);
      if (statSync(path).isDirectory()) return listFiles(path, ending);
      return name.endsWith(ending) ? [path] : [];
    });
}

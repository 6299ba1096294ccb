// Who imports whom, by the tables of package-rules.ts: checked against each package.json and against the real imports in src.
import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { importCircles } from './import-circles.ts';
import { importSpecifiers, packageOf } from './import-specifiers.ts';
import { forTests, mayImport, thirdPartyHomes } from './package-rules.ts';
import { listFiles, type WorkspacePackage } from './workspace.ts';

/** The faults of one package, each as `path: fault`. */
export function checkImports(one: WorkspacePackage, packages: readonly WorkspacePackage[]): string[] {
  const rules = createRules(one, packages);
  return [...checkDependencies(one, rules), ...checkSources(one, rules), ...checkCircles(one)];
}

interface Rules {
  isWorkspace(name: string): boolean;
  /** Whether the table allows this package to use `name`; true for third parties in an app. */
  allows(name: string): boolean;
}

function createRules(one: WorkspacePackage, packages: readonly WorkspacePackage[]): Rules {
  const row = mayImport[one.name] ?? mayImport[`${one.group}/*`] ?? [];
  const groups = new Map(packages.map(({ name, group }) => [name, group]));
  const isWorkspace = (name: string) => groups.has(name);
  return {
    isWorkspace,
    allows(name) {
      if (isWorkspace(name)) return row.includes(name) || row.includes(`${groups.get(name)}/*`);
      if (one.group === 'apps') return true;
      if (name in (one.manifest.peerDependencies ?? {})) return true;
      return homesOf(name)?.includes(one.name) ?? false;
    },
  };
}

function homesOf(name: string): readonly string[] | undefined {
  return thirdPartyHomes[name] ?? thirdPartyHomes[name.replace(/\/.*/, '/*')];
}

/** No file imports itself by a detour, types included. */
function checkCircles({ path, folder }: WorkspacePackage): string[] {
  const sources = join(folder, 'src');
  return importCircles(sources, listFiles(sources, '.ts')).map(
    (circle) => `${path}/src: a circle of imports: ${circle}`,
  );
}

/** What package.json names, against the tables. */
function checkDependencies({ path, name: own, manifest, group }: WorkspacePackage, rules: Rules): string[] {
  const faults: string[] = [];
  const runtime = Object.keys({ ...manifest.optionalDependencies, ...manifest.dependencies });
  for (const name of runtime) {
    if (rules.allows(name)) continue;
    if (rules.isWorkspace(name)) faults.push(`${own} may not depend on ${name} (table mayImport)`);
    else if (!homesOf(name)) faults.push(`${name} has no home yet: give it a row in thirdPartyHomes`);
    else if (homesOf(name)?.length === 0) faults.push(`${name} is for tests alone: make it a "devDependency"`);
    else faults.push(`${name} lives in ${homesOf(name)?.join(', ')}, not here (table thirdPartyHomes)`);
  }
  for (const name of Object.keys(manifest.devDependencies ?? {})) {
    if (group === 'apps' || !rules.isWorkspace(name) || rules.allows(name) || forTests.includes(name)) continue;
    faults.push(`tests of ${own} may not depend on ${name} (tables mayImport, forTests)`);
  }
  return faults.map((fault) => `${path}/package.json: ${fault}`);
}

/** What the sources import: declared at run time, allowed by the tables, and nothing of another package by a relative path. */
function checkSources({ path, folder, name: own, manifest }: WorkspacePackage, rules: Rules): string[] {
  const declared = { ...manifest.dependencies, ...manifest.optionalDependencies, ...manifest.peerDependencies };
  return listFiles(join(folder, 'src'), '.ts').flatMap((file) =>
    importSpecifiers(readFileSync(file, 'utf8')).flatMap((specifier) => {
      const where = `${path}/${relative(folder, file).replaceAll(sep, '/')}`;
      const name = packageOf(specifier);
      if (name === undefined) {
        const inside = !specifier.startsWith('.') || resolve(dirname(file), specifier).startsWith(folder + sep);
        return inside ? [] : [`${where}: imports ${specifier}, outside its package; import the package by its name`];
      }
      if (name === own) return [];
      if (!rules.allows(name)) return [`${where}: ${own} may not import ${name} (tables mayImport, thirdPartyHomes)`];
      return name in declared
        ? []
        : [`${where}: imports ${name}, which its package.json has not among its dependencies`];
    }),
  );
}

// Checks the shape of every package of the workspace and who imports whom. Run by `pnpm check`; the tables are in package-rules.ts.
import { existsSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { checkImports } from './check-imports.ts';
import { nodeFloor, pluginPeers, proxyLimits, vendorFree, vendorNames } from './package-rules.ts';
import { isMain, listFiles, readJson, readWorkspace, repositoryRoot, type WorkspacePackage } from './workspace.ts';

/** Every fault of the workspace under `root`, each as `path: what is wrong and what to do`. Empty when all is well. */
export function checkPackages(root: string): string[] {
  const packages = readWorkspace(root);
  return [
    ...packages.flatMap((one) => {
      const faults = [
        ...checkManifest(one),
        ...(one.group === 'apps' ? checkApp(one) : [...checkPublished(one), ...checkFiles(one, packages)]),
        ...(one.group === 'plugins' ? checkPlugin(one) : []),
        ...checkRanges(one, packages),
      ];
      return faults.map((fault) => `${one.path}/package.json: ${fault}`);
    }),
    ...packages.flatMap((one) =>
      [...checkVendorNames(one, packages), ...checkProxySize(one)].map((fault) => `${one.path}: ${fault}`),
    ),
    ...packages.flatMap((one) => checkImports(one, packages)),
    ...checkVersions(packages),
    ...checkSolution(root, packages),
  ];
}

/** What holds for every package, published or not. */
function checkManifest({ manifest }: WorkspacePackage): string[] {
  const faults: string[] = [];
  if (!manifest.name) faults.push('needs a "name"');
  if (manifest.type !== 'module') faults.push('"type" must be "module"');
  if ('devEngines' in manifest) faults.push('no "devEngines": npm then refuses `npm start`');
  return faults;
}

function checkApp({ manifest }: WorkspacePackage): string[] {
  return manifest.private === true ? [] : ['an app is not published: "private" must be true'];
}

/** The fields that a published package must carry. */
function checkPublished({ path, manifest }: WorkspacePackage): string[] {
  const faults: string[] = [];
  const name = path === 'packages/smmf' ? 'smmf' : `@smmf/${path.split('/')[1]}`;
  const expect = (fits: boolean, fault: string) => fits || faults.push(fault);
  expect(manifest.name === name, `"name" must be "${name}", after its folder`);
  expect(/^\d+\.\d+\.\d+/.test(manifest.version ?? ''), '"version" must be a version');
  expect(typeof manifest.description === 'string' && manifest.description.length > 10, 'needs a "description"');
  expect(manifest.license === 'MIT', '"license" must be "MIT"');
  expect(
    (manifest.engines as { node?: string } | undefined)?.node === nodeFloor,
    `"engines.node" must be "${nodeFloor}"`,
  );
  expect('sideEffects' in manifest, 'must say "sideEffects" (false, or the files that have some)');
  const files = Array.isArray(manifest.files) ? manifest.files : [];
  expect(files.includes('dist') && files.includes('src'), '"files" must hold "dist" and "src"');
  const scripts = Object.keys((manifest.scripts as object | undefined) ?? {});
  const hooks = scripts.filter((script) => /^(pre|post)?install$|^prepare$/.test(script));
  expect(hooks.length === 0, `no install script (${hooks.join(', ')}): installing must run nothing`);
  return [...faults, ...checkExports(manifest.exports ?? {})];
}

/** `exports` with the three conditions in their order; source and built file of an entry have the same name. */
function checkExports(exports: NonNullable<WorkspacePackage['manifest']['exports']>): string[] {
  const faults: string[] = [];
  if (!('.' in exports)) faults.push('"exports" needs "."');
  if (exports['./package.json'] !== './package.json') faults.push('"exports" needs "./package.json"');
  for (const [entry, target] of Object.entries(exports)) {
    if (entry === './package.json') continue;
    const source = typeof target === 'string' ? undefined : target['smmf-source'];
    const stem = source?.match(/^\.\/src\/(.+)\.ts$/)?.[1];
    const wanted = { 'smmf-source': source, types: `./dist/${stem}.d.ts`, default: `./dist/${stem}.js` };
    if (!stem || JSON.stringify(target) !== JSON.stringify(wanted)) {
      faults.push(
        `"exports" of "${entry}" must be smmf-source ./src/X.ts, types ./dist/X.d.ts, default ./dist/X.js, in this order`,
      );
    }
  }
  return faults;
}

/** Files beside package.json, and compiler references that follow the dependencies. */
function checkFiles({ folder, manifest }: WorkspacePackage, packages: readonly WorkspacePackage[]): string[] {
  const faults = ['README.md', 'test', 'tsconfig.json']
    .filter((file) => !existsSync(join(folder, file)))
    .map((file) => `no ${file} beside it`);
  for (const target of Object.values(manifest.exports ?? {})) {
    const source = typeof target === 'string' ? target : target['smmf-source'];
    if (source && !existsSync(join(folder, source))) faults.push(`"exports" names ${source}, which does not exist`);
  }
  const needed = workspaceNames({ ...manifest.dependencies, ...manifest.peerDependencies }, packages);
  const allowed = [...needed, ...workspaceNames(manifest.devDependencies ?? {}, packages)];
  const referenced = readReferences(folder).map((path) => packages.find((one) => one.folder === path)?.name ?? path);
  for (const name of needed) if (!referenced.includes(name)) faults.push(`tsconfig.json lacks a reference to ${name}`);
  for (const name of referenced)
    if (!allowed.includes(name)) faults.push(`tsconfig.json refers to ${name}, which is no dependency`);
  return faults;
}

function checkPlugin({ manifest }: WorkspacePackage): string[] {
  const faults: string[] = [];
  for (const peer of pluginPeers) {
    if (!manifest.peerDependencies?.[peer]) faults.push(`a plugin has "${peer}" among its "peerDependencies"`);
    if (manifest.dependencies?.[peer]) faults.push(`"${peer}" is a peer of a plugin, not a dependency`);
  }
  const { kind, stability } = (manifest.smmf ?? {}) as { kind?: string; stability?: string };
  if (!kind || !stability) faults.push('a plugin says "smmf": { "kind", "stability" }');
  const keywords = Array.isArray(manifest.keywords) ? manifest.keywords : [];
  if (!keywords.includes('smmf-plugin')) faults.push('a plugin has the keyword "smmf-plugin"');
  return faults;
}

/** A vendor's package stays data. */
function checkProxySize({ path, folder }: WorkspacePackage): string[] {
  if (!path.startsWith('plugins/proxy-')) return [];
  const files = listFiles(join(folder, 'src'), '.ts');
  const lines = files.reduce((sum, file) => sum + readFileSync(file, 'utf8').trimEnd().split('\n').length, 0);
  if (files.length <= proxyLimits.files && lines <= proxyLimits.lines) return [];
  return [
    `${files.length} source files of ${lines} lines, at most ${proxyLimits.files} of ${proxyLimits.lines}: quirks are data`,
  ];
}

/** What a vendor needs stands in its plugin, as data: a package that serves all of them knows none by name. */
function checkVendorNames({ name, folder }: WorkspacePackage, packages: readonly WorkspacePackage[]): string[] {
  if (!vendorFree.includes(name)) return [];
  const plugins = packages.flatMap((one) => /^plugins\/proxy-(.+)$/.exec(one.path)?.[1] ?? []);
  // OpenAI is the protocol; names of one or two letters stand in any text.
  const names = [...plugins.filter((vendor) => vendor !== 'openai' && vendor.length > 2), ...vendorNames];
  const pattern = new RegExp(`(?<![a-z])(?:${names.join('|')})(?![a-z])`, 'i');
  return listFiles(join(folder, 'src'), '.ts').flatMap((file) => {
    const [found] = pattern.exec(readFileSync(file, 'utf8')) ?? [];
    return found === undefined
      ? []
      : [`${relative(folder, file)} names the vendor "${found}"; that belongs to its plugin`];
  });
}

/** Workspace packages by `workspace:^`, all others by `catalog:`; peers carry a range for users. */
function checkRanges({ manifest }: WorkspacePackage, packages: readonly WorkspacePackage[]): string[] {
  const faults: string[] = [];
  const ranges = { ...manifest.devDependencies, ...manifest.optionalDependencies, ...manifest.dependencies };
  for (const [name, range] of Object.entries(ranges)) {
    const wanted = packages.some((one) => one.name === name) ? 'workspace:^' : 'catalog:';
    if (range !== wanted) faults.push(`"${name}" must be "${wanted}", not "${range}"`);
  }
  for (const [name, range] of Object.entries(manifest.peerDependencies ?? {})) {
    if (/^(workspace|catalog):/.test(range)) faults.push(`the peer "${name}" needs a range for users, not "${range}"`);
  }
  return faults;
}

/** All published packages carry one version. */
function checkVersions(packages: readonly WorkspacePackage[]): string[] {
  const versions = new Set(packages.filter(({ group }) => group !== 'apps').map(({ manifest }) => manifest.version));
  return versions.size > 1
    ? [`packages: all published packages carry one version, found ${[...versions].join(', ')}`]
    : [];
}

/** The root tsconfig.json builds every package and plugin, and nothing else. */
function checkSolution(root: string, packages: readonly WorkspacePackage[]): string[] {
  const referenced = readReferences(root).map((path) => relative(root, path));
  const wanted = packages.filter(({ group }) => group !== 'apps').map(({ path }) => path);
  return [
    ...wanted.filter((path) => !referenced.includes(path)).map((path) => `tsconfig.json: lacks a reference to ${path}`),
    ...referenced
      .filter((path) => !wanted.includes(path))
      .map((path) => `tsconfig.json: refers to ${path}, which is no package`),
  ];
}

function workspaceNames(ranges: Readonly<Record<string, string>>, packages: readonly WorkspacePackage[]): string[] {
  return Object.keys(ranges).filter((name) => packages.some((one) => one.name === name));
}

/** Absolute paths of the references in a folder's tsconfig.json. */
function readReferences(folder: string): string[] {
  const file = join(folder, 'tsconfig.json');
  if (!existsSync(file)) return [];
  const { references = [] } = readJson(file) as { references?: readonly { path: string }[] };
  return references.map(({ path }) => resolve(folder, path));
}

if (isMain(import.meta.url)) {
  const faults = checkPackages(repositoryRoot);
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  process.exitCode = faults.length > 0 ? 1 : 0;
}

import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repositoryRoot } from '../../../scripts/workspace.ts';
import { ask, mustRun, neededBy, packAll, serve, tarballsOf } from './packed.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'smmf-third-party-')));
const app = join(folder, 'app');
let packed: ReadonlyMap<string, string>;

/** The files that a page of docs/plugins tells an author to write: package.json, tsconfig.json, and what its blocks name. */
function filesOf(page: string): Map<string, string> {
  const text = readFileSync(join(repositoryRoot, 'docs/plugins', page), 'utf8');
  const files = new Map<string, string>();
  for (const [, name = '', , code = ''] of text.matchAll(
    /^`(package\.json|tsconfig\.json)`(.*)\n\n```json\n([\s\S]*?)^```/gm,
  )) {
    files.set(name, code);
  }
  for (const [, code = '', name = ''] of text.matchAll(/^```ts\n(\/\/ (\S+)\n[\s\S]*?)^```/gm)) files.set(name, code);
  return files;
}

/** An author's project: the files of the page, our packages from tarballs, TypeScript; built and tested by its own scripts. */
async function authorProject(name: string, page: string): Promise<string> {
  const project = join(folder, name);
  for (const [file, text] of filesOf(page)) {
    mkdirSync(dirname(join(project, file)), { recursive: true });
    writeFileSync(join(project, file), text);
  }
  // The packages are not published yet: the tarballs take the place of the versions in the page's package.json.
  const manifest = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
  manifest.devDependencies = { zod: manifest.devDependencies.zod };
  writeFileSync(join(project, 'package.json'), JSON.stringify(manifest));
  await mustRun('npm', ['install', '--save-dev', ...tarballsOf(neededBy(['@smmf/testkit']), packed)], project);
  mkdirSync(join(project, 'node_modules/@types'), { recursive: true });
  for (const tool of ['typescript', '@types/node']) {
    symlinkSync(realpathSync(join(repositoryRoot, 'node_modules', tool)), join(project, 'node_modules', tool));
  }
  await mustRun(process.execPath, ['node_modules/typescript/bin/tsc'], project);
  return project;
}

beforeAll(async () => {
  packed = await packAll(folder);
  mkdirSync(app);
  const engine = await authorProject('parrot', 'engine.md');
  const balancer = await authorProject('shortest-prompt', 'balancer.md');
  await mustRun(
    'npm',
    ['install', '--install-links', ...tarballsOf(neededBy(['smmf']), packed), engine, balancer],
    app,
  );
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const WAYS: Readonly<Record<string, { engine: string; balancer: string }>> = {
  'by package name': { engine: 'smmf-engine-parrot', balancer: 'smmf-balancer-shortest-prompt' },
  'by the path of a .js file': { engine: '../parrot/dist/index.js', balancer: '../shortest-prompt/dist/index.js' },
  'by the path of a .ts file': { engine: '../parrot/src/index.ts', balancer: '../shortest-prompt/src/index.ts' },
};

describe('plugins of a third party, written from docs/plugins alone', () => {
  it.each(['parrot', 'shortest-prompt'])('%s passes its conformance suite in its own project', async (name) => {
    const output = await mustRun(process.execPath, ['--test', 'dist/index.test.js'], join(folder, name));
    expect(output).toMatch(/pass [5-9]|pass \d\d/);
    expect(output).toMatch(/fail 0/);
  });

  it.each(Object.entries(WAYS))(
    'serve a request when named %s',
    { timeout: 60_000 },
    async (way, { engine, balancer }) => {
      const file = `${way.replaceAll(' ', '-').replaceAll('.', '')}.yaml`;
      const listeners = 'server: { port: 0 }\nadmin: { port: 0 }\n';
      const model = `  bird: { engine: "${engine}", pause: 1ms, replicas: 2, balancer: { use: "${balancer}", perCall: 500 } }\n`;
      writeFileSync(join(app, file), `version: 1\n${listeners}log: { format: json }\nmodels:\n${model}`);
      const serving = await serve(app, file, 60_000);
      try {
        expect(await ask(serving.url, 'bird', 'polly wants a cracker')).toBe('polly wants a cracker');
      } finally {
        expect(await serving.stop()).toBe(0);
      }
    },
  );
});

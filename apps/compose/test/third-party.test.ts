import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repositoryRoot } from '../../../scripts/workspace.ts';
import { ask, mustRun, neededBy, packAll, serve, tarballsOf } from './packed.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'smmf-third-')));
const app = join(folder, 'app');
let packed: ReadonlyMap<string, string>;

beforeAll(async () => {
  packed = await packAll(folder);
  mkdirSync(app);
  await mustRun('npm', ['install', ...tarballsOf(neededBy(['smmf']), packed)], app);
}, 200_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The files that a page of docs/plugins shows, by their paths. */
function filesOf(page: string): ReadonlyMap<string, string> {
  const text = readFileSync(join(repositoryRoot, 'docs/plugins', page), 'utf8');
  const blocks = text.matchAll(/^\*\*`([^`]+)`\*\*.*\n\n```\w+.*\n([\s\S]*?)^```$/gm);
  return new Map([...blocks].map(([, path = '', code = '']) => [path, code]));
}

/** Does what a page tells a reader to do, up to `npm run build`, in an npm project of its own; its tests' output. */
async function followPage(page: string, needs: readonly string[] = []): Promise<{ project: string; tests: string }> {
  const project = join(app, page.replace('.md', ''));
  for (const [path, code] of filesOf(page)) {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    writeFileSync(join(project, path), code);
  }
  const tarballs = tarballsOf(neededBy(['@smmf/core', '@smmf/testkit', ...needs]), packed);
  await mustRun('npm', ['install', '--no-save', 'zod', ...tarballs], project);
  // The compiler and Node's types as this workspace has them: fetching 30 MB for each page would prove nothing.
  mkdirSync(join(project, 'node_modules/@types'), { recursive: true });
  for (const name of ['typescript', '@types/node'])
    symlinkSync(realpathSync(join(repositoryRoot, 'node_modules', name)), join(project, 'node_modules', name));
  await mustRun(process.execPath, ['node_modules/typescript/bin/tsc'], project);
  const tests = await mustRun(process.execPath, ['--test', '--test-reporter=tap'], project);
  return { project, tests };
}

/** Installs a built plugin into the app, as npm would after `npm publish`. */
async function installInApp(project: string): Promise<void> {
  const [tarball = ''] = (await mustRun('npm', ['pack', '--silent', '--pack-destination', app], project)).split('\n');
  await mustRun('npm', ['install', join(app, tarball)], app);
}

function config(name: string, models: string): string {
  writeFileSync(
    join(app, name),
    `version: 1\nserver: { port: 0 }\nadmin: { port: 0 }\nlog: { format: json }\nmodels:\n${models}`,
  );
  return name;
}

async function answers(file: string, wanted: Readonly<Record<string, string>>): Promise<void> {
  const { url, pending, stop } = await serve(app, file, 60_000);
  try {
    // A model serves from its first ready instance on; a balancer's choice is one among all.
    await expect.poll(pending, { timeout: 60_000, interval: 100 }).toBe(0);
    for (const [model, answer] of Object.entries(wanted)) expect(await ask(url, model, 'hello there')).toBe(answer);
  } finally {
    await stop();
  }
}

/** The ways in which a config names a plugin made by a page. */
const named = (page: string, name: string): string[] => [name, `./${page}/dist/index.js`, `./${page}/src/index.ts`];

describe('plugins written from docs/plugins alone, built by their own compiler', { timeout: 120_000 }, () => {
  it('an engine passes its suite and serves, named by package and by path', async () => {
    const { project, tests } = await followPage('engine.md');
    expect(tests).toMatch(/^# pass 31$/m);
    await installInApp(project);
    const models = named('engine', '"@example/smmf-echo"').map(
      (use, at) => `  m${at}: { engine: ${use}, pace: 1ms }\n`,
    );
    const answer = 'You said: hello there';
    await answers(config('engines.yaml', models.join('')), { m0: answer, m1: answer, m2: answer });
  });

  it("a vendor's plugin of thirty lines of data passes its suite, and serves with what the vendor takes", async () => {
    const code = filesOf('vendor.md').get('src/index.ts') ?? '';
    const data = code.slice(code.indexOf('const profile'), code.indexOf('export default')).trim().split('\n');
    expect(data.length).toBeLessThanOrEqual(30);
    const { project, tests } = await followPage('vendor.md', ['@smmf/client']);
    expect(tests).toMatch(/^# pass 31$/m);
    await installInApp(project);
    const seen: Record<string, unknown>[] = [];
    const vendor = createServer(async (request, response) => {
      if (request.method === 'POST') seen.push(JSON.parse(await text(request)));
      const choices = [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'eos' }];
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ id: 'x', model: 'large', choices }));
    }).listen(0, '127.0.0.1');
    await once(vendor, 'listening');
    const { port } = vendor.address() as AddressInfo;
    const file = config(
      'vendor.yaml',
      `  m: { engine: "@example/smmf-acme", model: large, url: "http://127.0.0.1:${port}/v1" }\n`,
    );
    const { url, pending, stop } = await serve(app, file, 60_000);
    try {
      await expect.poll(pending, { timeout: 60_000, interval: 100 }).toBe(0);
      const body = { model: 'm', messages: [{ role: 'user', content: 'x' }], temperature: 2, max_completion_tokens: 5 };
      const headers = { 'content-type': 'application/json' };
      const reply = await fetch(`${url}/chat/completions`, { method: 'POST', headers, body: JSON.stringify(body) });
      expect(reply.headers.get('x-smmf-adjusted')).toBe('temperature');
      expect(await reply.json()).toMatchObject({ model: 'm', choices: [{ finish_reason: 'stop' }] });
      expect(seen).toEqual([{ model: 'large', messages: body.messages, temperature: 1, max_tokens: 5 }]);
    } finally {
      await stop();
      vendor.close();
    }
  });

  it('a wire engine passes its suite before a tiny server, and relays to one that runs already', async () => {
    const { project, tests } = await followPage('wire.md', ['@smmf/client']);
    expect(tests).toMatch(/^# pass 31$/m);
    await installInApp(project);
    const seen: Record<string, unknown>[] = [];
    const acorn = createServer(async (request, response) => {
      if (request.method === 'POST') seen.push(JSON.parse(await text(request)));
      const choices = [{ index: 0, message: { role: 'assistant', content: 'an acorn' }, finish_reason: 'stop' }];
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ id: 'x', model: 'oak', choices }));
    }).listen(0, '127.0.0.1');
    await once(acorn, 'listening');
    const { port } = acorn.address() as AddressInfo;
    const models = named('wire', '"@example/smmf-acorn"').map(
      (use, at) => `  m${at}: { engine: ${use}, model: oak, url: "http://127.0.0.1:${port}" }\n`,
    );
    try {
      await answers(config('wire.yaml', models.join('')), { m0: 'an acorn', m1: 'an acorn', m2: 'an acorn' });
      expect(seen.map(({ model }) => model)).toEqual(['oak', 'oak', 'oak']);
    } finally {
      acorn.close();
    }
  });

  it('a balancer passes its suite and chooses, named by package and by path', async () => {
    const { project, tests } = await followPage('balancer.md');
    expect(tests).toMatch(/^# pass 10$/m);
    await installInApp(project);
    const models = named('balancer', '"@example/smmf-zone"').map(
      (use, at) => `  m${at}:
    balancer: { use: ${use}, zone: east }
    workers:
      - { engine: ./engine/dist/index.js, greeting: West, labels: { zone: west } }
      - { engine: ./engine/dist/index.js, greeting: East, labels: { zone: east } }
`,
    );
    const answer = 'East hello there';
    await answers(config('balancers.yaml', models.join('')), { m0: answer, m1: answer, m2: answer });
  });

  it('synchronous backends, call by call and in batches, pass the suite of engines in their threads, and serve', async () => {
    const { project, tests } = await followPage('sync-backend.md', ['@smmf/worker']);
    // The suite for either backend, and the page's own test of batches.
    expect(tests).toMatch(/^# pass 63$/m);
    await installInApp(project);
    const models = `  one: { engine: "@example/smmf-letters" }
  many: { engine: ./node_modules/@example/smmf-letters/dist/batched.js, threads: 2 }
`;
    const { url, pending, stop } = await serve(app, config('sync.yaml', models), 60_000);
    const embed = async (model: string): Promise<string[][]> => {
      const body = JSON.stringify({ model, input: ['aab', 'b'] });
      const headers = { 'content-type': 'application/json' };
      const reply = await fetch(`${url}/embeddings`, { method: 'POST', headers, body });
      const { data } = (await reply.json()) as { data: { embedding: number[] }[] };
      return data.map(({ embedding }) => embedding.filter((value) => value > 0).map((value) => value.toFixed(3)));
    };
    try {
      await expect.poll(pending, { timeout: 60_000, interval: 100 }).toBe(0);
      for (const model of ['one', 'many']) expect(await embed(model)).toEqual([['0.894', '0.447'], ['1.000']]);
      const all = await Promise.all(Array.from({ length: 40 }, () => embed('many')));
      expect(new Set(all.map(String))).toEqual(new Set(['0.894,0.447,1.000']));
    } finally {
      await stop();
    }
  });

  it('a registry passes its suite', async () => {
    const { tests } = await followPage('registry.md');
    expect(tests).toMatch(/^# pass 3[0-9]$/m);
  });
});

import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createSmmf } from '../src/index.ts';
import { ggufFile, SMALL_MODEL } from './gguf-file.ts';
import { type Ended, runSmmf } from './run-smmf.ts';
import { expectScreen } from './terminal/golden-screen.ts';
import { KEYS, openSmmf, type Terminal } from './terminal/terminal.ts';

// Each test starts the command several times.
vi.setConfig({ testTimeout: 60_000 });

const ROOT = join(import.meta.dirname, '../../..');
const ENGINE = join(ROOT, 'packages/testkit/src/demo/demo-engine.ts');
const FILE = ggufFile(SMALL_MODEL, 6_400_000);
const FILES = ['tiny-Q8_0.gguf', 'tiny-Q4_K_M.gguf', 'README.md'];
const SOURCE = 'hf://acme/tiny-GGUF/tiny-Q4_K_M.gguf';

/** A hub with one repository; `send` writes the body of a file. */
async function hub(send: (response: ServerResponse, first: number) => void): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const entries = FILES.map((path) => ({ type: 'file', path, size: FILE.length, oid: 'x' }));
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const path = request.url ?? '';
    asked.push(path);
    if (path.includes('/revision/')) response.end(JSON.stringify({ sha: 'a'.repeat(40) }));
    else if (path.includes('/tree/')) response.end(JSON.stringify(entries));
    else {
      const first = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
      const range = { 'content-range': `bytes ${first}-${FILE.length - 1}/${FILE.length}` };
      const length = { 'content-length': FILE.length - first, etag: '"one"' };
      response.writeHead(first > 0 ? 206 : 200, { ...length, ...(first > 0 ? range : {}) });
      send(response, first);
    }
  };
  const server: Server = createServer(answer);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

interface Place {
  readonly cache: string;
  readonly cwd: string;
  run(...args: string[]): Promise<Ended>;
  /** With another address of the admin API. */
  runAt(adminUrl: string, ...args: string[]): Promise<Ended>;
  open(...args: string[]): Terminal;
}

/** A folder in which the engine is installed, and a cache of its own. */
function place(hubUrl: string): Place {
  mkdirSync(join(ROOT, 'apps/quickstart/.cache'), { recursive: true });
  const cwd = mkdtempSync(join(ROOT, 'apps/quickstart/.cache/local-'));
  const cache = mkdtempSync(join(tmpdir(), 'smmf-local-'));
  onTestFinished(() => {
    for (const folder of [cwd, cache]) rmSync(folder, { recursive: true });
  });
  const env = {
    SMMF_CACHE: cache,
    HF_ENDPOINT: hubUrl,
    HF_HUB_CACHE: join(cache, 'none'),
    SMMF_ADMIN_URL: 'http://127.0.0.1:9',
  };
  return {
    cache,
    cwd,
    run: (...args) => runSmmf(args, { cwd, env: { ...process.env, ...env } }),
    runAt: (adminUrl, ...args) => runSmmf(args, { cwd, env: { ...process.env, ...env, SMMF_ADMIN_URL: adminUrl } }),
    open: (...args) => openSmmf(args, { cwd, env }),
  };
}

const whole = (response: ServerResponse, first: number): void => void response.end(FILE.subarray(first));

describe('smmf pull, list, show and rm', () => {
  it('fetch a file, tell what is in it and how to serve it, and give its room back', async () => {
    const { url } = await hub(whole);
    const { cache, cwd, run, open } = place(url);
    const pulled = open('pull', SOURCE);
    expect(await pulled.ended()).toBe(0);
    const path = join(cache, 'models', readdirSync(join(cache, 'models'))[0] ?? '', 'tiny-Q4_K_M.gguf');
    const names = { [path]: '~/.cache/smmf/models/…/tiny-Q4_K_M.gguf', [cwd]: '~/models' };
    await expectScreen('pull', `$ smmf pull ${SOURCE}\n${pulled.screen()}`, names);
    expect((await run('list')).stdout).toMatch(
      /^NAME +SIZE +FETCHED +SOURCE\ntiny-Q4_K_M +4 MB +\d+ s ago +hf:\/\/acme\/tiny-GGUF@main\/tiny/,
    );
    const shown = open('show', 'tiny-q4_k_m');
    expect(await shown.ended()).toBe(0);
    await expectScreen('show', `$ smmf show tiny-Q4_K_M\n${shown.screen()}`, names);
    const { file } = JSON.parse((await run('show', '--json', SOURCE)).stdout);
    expect(file).toMatchObject({ sizeBytes: FILE.length, facts: { parameters: 6_400_000, hasChatTemplate: true } });
    expect(await run('rm', 'tiny-Q4_K_M')).toMatchObject({
      code: 0,
      stdout: 'Removed tiny-Q4_K_M: 4 MB are free again\n',
    });
    expect(readdirSync(join(cache, 'models'))).toEqual([]);
    expect((await run('list')).stdout).toContain('Nothing was fetched');
    expect(await run('rm', 'tiny-Q4_K_M')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('there is nothing'),
    });
  });

  it('go on where Ctrl-C stopped a fetch', async () => {
    const firsts: number[] = [];
    const { url } = await hub((response, first) => {
      firsts.push(first);
      if (first > 0) response.end(FILE.subarray(first));
      else {
        // As a slow line: what comes at once is shown at once only where nothing was shown just before.
        let at = 0;
        const timer = setInterval(() => {
          response.write(FILE.subarray(at, at + 250_000));
          at += 250_000;
          if (at >= 1_500_000) clearInterval(timer);
        }, 60);
        onTestFinished(() => clearInterval(timer));
      }
    });
    const { open, run } = place(url);
    const terminal = open('pull', SOURCE);
    await terminal.shows(/[1-4]\d % +[12]\/4 MB/);
    terminal.type(KEYS.interrupt);
    expect(await terminal.ended()).toBe(1);
    expect(terminal.screen()).toBe('Stopped; the same command goes on where this one ended');
    expect((await run('list')).stdout).toMatch(/tiny-Q4_K_M +\d+ [kM]B, unfinished/);
    expect(await run('pull', SOURCE)).toMatchObject({ code: 0, stderr: expect.stringMatching(/[1-4]\d %/) });
    expect(firsts).toEqual([0, expect.toSatisfy((first: number) => first >= 250_000)]);
  });

  it('take the usual build of a repository that has a model in each file, and need no network the second time', async () => {
    const { url, asked } = await hub(whole);
    const { run } = place(url);
    const first = await run('pull', 'hf://acme/tiny-GGUF');
    expect(first).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('taking tiny-Q4_K_M.gguf of 2; name another one with hf://acme/tiny-GGUF/FILE'),
    });
    const count = asked.length;
    expect(await run('pull', 'hf://acme/tiny-GGUF')).toMatchObject({ code: 0, stdout: first.stdout });
    expect(await run('pull', SOURCE)).toMatchObject({ code: 0, stdout: first.stdout });
    expect(asked).toHaveLength(count);
  });

  it('know the models of the config, files of this folder, and what is close to a name', async () => {
    const { url } = await hub(whole);
    const { cwd, run } = place(url);
    writeFileSync(join(cwd, 'my.gguf'), FILE);
    // No name for a model: a model of the config comes first.
    mkdirSync(join(cwd, 'chat'));
    const config = `version: 1\nmodels:\n  chat: { engine: llamacpp, source: ./my.gguf }\n  far: { engine: llamacpp, source: ${SOURCE} }\n`;
    writeFileSync(join(cwd, 'smmf.yaml'), config);
    expect((await run('show', 'my.gguf')).stdout).toMatch(
      /name +Tiny Chat\n.*engine: llamacpp\n +source: ".*my.gguf"/s,
    );
    expect((await run('show', 'chat')).stdout).toMatch(/quantization +Q4_K_M/);
    expect(await run('show', 'far')).toMatchObject({ code: 1, stderr: expect.stringContaining('smmf pull far') });
    expect(await run('pull', 'far')).toMatchObject({ code: 0, stdout: expect.stringContaining('smmf run far') });
    expect((await run('show', 'far')).stdout).toMatch(/quantization +Q4_K_M/);
    expect(await run('show', 'chta')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('did you mean "chat"?'),
    });
    expect(await run('pull', 'qwen')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('known are chat, far, smollm2, tiny-Q4_K_M. Or name a file'),
    });
    const { error } = JSON.parse((await run('pull', 'hf://acme', '--json')).stdout);
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining('hf://acme') });
  });

  it('removes nothing that a running SMMF uses, unless it is told to', async () => {
    const { url } = await hub(whole);
    const { cwd, run, runAt } = place(url);
    const smmf = await createSmmf({
      version: 1,
      server: { port: 0 },
      admin: { port: 0 },
      models: { far: { engine: ENGINE } },
    });
    onTestFinished(() => smmf.close(1_000));
    const { admin } = await smmf.listen();
    await smmf.ready();
    writeFileSync(
      join(cwd, 'smmf.yaml'),
      `version: 1\nmodels:\n  far: { engine: llamacpp, source: [./gone.gguf, "${SOURCE}"] }\n`,
    );
    await run('pull', SOURCE);
    expect(await runAt(admin.url, 'rm', 'tiny-Q4_K_M')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('used by the model "far"'),
    });
    expect((await run('list')).stdout).toContain('tiny-Q4_K_M');
    expect(await runAt(admin.url, 'rm', 'tiny-Q4_K_M', '--force')).toMatchObject({ code: 0 });
    expect((await run('list')).stdout).toContain('Nothing was fetched');
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ggufFile, SMALL_MODEL } from './gguf-file.ts';
import { runSmmf } from './run-smmf.ts';
import { KEYS, openSmmf, type Terminal } from './terminal/terminal.ts';

// Each test starts the command several times.
vi.setConfig({ testTimeout: 60_000 });

const ENGINE = join(import.meta.dirname, '../../testkit/src/demo/demo-engine.ts');
const MAIN = join(import.meta.dirname, '../src/main.ts');

async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** A copy of the command beside which no engine is installed. */
function commandAlone(folder: string): string {
  const packages = join(folder, 'node_modules');
  mkdirSync(join(packages, '@smmf'), { recursive: true });
  for (const name of ['@smmf/runtime', '@smmf/client', 'commander']) {
    symlinkSync(realpathSync(join(import.meta.dirname, '../node_modules', name)), join(packages, name));
  }
  cpSync(join(import.meta.dirname, '../src'), join(folder, 'smmf/src'), { recursive: true });
  cpSync(join(import.meta.dirname, '../package.json'), join(folder, 'smmf/package.json'));
  return join(folder, 'smmf/src/main.ts');
}

interface Place {
  readonly folder: string;
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
  open(...args: string[]): Terminal;
  run(args: readonly string[], input?: string): ReturnType<typeof runSmmf>;
}

/** A folder with a config of two models, one of them broken, and ports of its own. */
async function place(): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'smmf-run-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [port, adminPort] = [await unusedPort(), await unusedPort()];
  const models = `  echo: { engine: ${ENGINE}, fallbacks: [broken] }\n  broken: { engine: ${ENGINE}, failInStart: MODEL_LOAD_FAILED }\n  crashing: { engine: ${ENGINE}, exitInStart: 3 }\n`;
  const config = `version: 1\nserver: { port: ${port} }\nadmin: { port: ${adminPort} }\nmodels:\n${models}`;
  writeFileSync(join(folder, 'smmf.yaml'), config);
  const env = { XDG_STATE_HOME: folder, SMMF_CACHE: join(folder, 'cache') };
  return {
    folder,
    port,
    env,
    open: (...args) => openSmmf(args, { cwd: folder, env }),
    run: (args, input = '') => runSmmf(args, { cwd: folder, env: { ...process.env, ...env }, input }),
  };
}

const ready = (port: number): Promise<number> =>
  fetch(`http://127.0.0.1:${port}/v1/models`).then(
    ({ status }) => status,
    () => 0,
  );

describe('smmf run', () => {
  it('is a chat at once, with an API beside it, which a second one uses; the log goes to a file, and all ends with the chat', async () => {
    const { folder, port, open, run } = await place();
    const first = open('run', 'echo');
    await first.shows(/OpenAI API while this chat runs: .*\. Log: .*run-echo\.log\n.*\n>$/);
    first.type(`hello${KEYS.enter}`);
    await first.shows(/echo: hello\n>$/);
    const second = open('run', 'echo');
    await second.shows(/Served at http.*\.\n.*\n>$/);
    second.type(`again${KEYS.enter}`);
    await second.shows(/echo: again\n>$/);
    second.type(`/bye${KEYS.enter}`);
    expect(await second.ended()).toBe(0);
    expect(await ready(port)).toBe(200);
    expect(await run(['run', 'echo', '--serve'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('served already'),
    });
    first.type(KEYS.endOfFile);
    expect(await first.ended()).toBe(0);
    expect(await ready(port)).toBe(0);
    expect(readFileSync(join(folder, 'smmf/run-echo.log'), 'utf8')).toMatch(/"instance":"echo-0".*"state":"ready"/);
    expect(first.screen()).not.toMatch(/"level"|"msg"|instance state/);
  });

  it('answers one question, of the command line and of a pipe, and opens no port for it', async () => {
    const { port, run } = await place();
    const busy = createServer((_, response) => response.writeHead(500).end()).listen(port, '127.0.0.1');
    await once(busy, 'listening');
    expect(await run(['run', 'echo', 'What', 'now?'])).toEqual({ code: 0, stdout: 'echo: What now?\n', stderr: '' });
    expect(await run(['run', 'echo'], 'from a pipe')).toMatchObject({ code: 0, stdout: 'echo: from a pipe\n' });
    busy.close();
  });

  it('serves until a signal where nobody asks', async () => {
    const { folder, port, env } = await place();
    const args = ['--conditions=smmf-source', MAIN, 'run', 'echo'];
    const child = spawn(process.execPath, args, { cwd: folder, env: { ...process.env, ...env }, stdio: 'ignore' });
    onTestFinished(() => void child.kill('SIGKILL'));
    await expect.poll(() => ready(port), { timeout: 20_000 }).toBe(200);
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });

  it('says why a model cannot be served, and where its log is', async () => {
    const { run, open } = await place();
    const broken = await run(['run', 'broken', 'hi']);
    expect(broken).toMatchObject({ code: 1, stdout: '' });
    expect(broken.stderr).toMatch(/"broken" cannot be served: .*told to fail.*The log: .*run-broken\.log/);
    const terminal = open('run', 'crashing');
    await terminal.shows(/Loading crashing … \(restarting in 1000 ms after exit code 3\)/);
    expect(await terminal.ended()).toBe(1);
    expect(terminal.screen()).toMatch(/^Model "crashing" cannot be served: it crashes again and again.*exit code 3/);
  });

  it('names the command that installs the engine, and what is close to a name', async () => {
    const { folder, env, run } = await place();
    writeFileSync(join(folder, 'my.gguf'), ggufFile(SMALL_MODEL, 3200));
    const alone = { cwd: folder, env: { ...process.env, ...env }, main: commandAlone(folder) };
    for (const model of ['my.gguf', 'hf://acme/tiny-GGUF', 'smollm2']) {
      expect(await runSmmf(['run', model, 'hi'], alone)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('npm install @smmf/llamacpp'),
      });
    }
    expect(await run(['run', 'ehco', 'hi'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('did you mean "echo"?'),
    });
  });
});

describe('smmf start without a config', () => {
  it('lists the commands for the model files of the folder, and asks a person', async () => {
    const { folder, env, run } = await place();
    const main = commandAlone(folder);
    const open = (): Terminal => openSmmf(['start'], { cwd: folder, env, main });
    rmSync(join(folder, 'smmf.yaml'));
    expect(await run(['start'])).toMatchObject({ code: 2, stderr: expect.stringContaining('smmf init') });
    for (const name of ['a.gguf', 'b c.gguf', 'mmproj-a.gguf'])
      writeFileSync(join(folder, name), ggufFile(SMALL_MODEL, 3200));
    const told = await run(['start']);
    expect(told).toMatchObject({ code: 2, stdout: '' });
    expect(told.stderr).toMatch(
      /without one:\n {2}smmf start --model \.\/a\.gguf\n {2}smmf start --model '\.\/b c\.gguf'\n$/,
    );
    const terminal = open();
    await terminal.shows(/1 {2}\.\/a\.gguf\n {2}2 {2}\.\/b c\.gguf\nServe which\? \[1\]$/);
    terminal.type(`2${KEYS.enter}`);
    expect(await terminal.ended()).toBe(2);
    expect(terminal.screen()).toContain('npm install @smmf/llamacpp');
    const left = open();
    await left.shows('Serve which?');
    left.type(KEYS.endOfFile);
    expect(await left.ended()).toBe(2);
  });

  it('serves the models that --model names, under other names too', async () => {
    const { folder, port, env, run } = await place();
    const args = ['start', '--model', 'echo', '--model', 'two=echo', '--port', String(port), '--admin-port', '0'];
    const child = spawn(process.execPath, ['--conditions=smmf-source', MAIN, ...args], {
      cwd: folder,
      env: { ...process.env, ...env },
      stdio: 'ignore',
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    await expect.poll(() => ready(port), { timeout: 20_000 }).toBe(200);
    expect((await run(['model', 'list'])).stdout).toMatch(/echo.*\ntwo/);
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    const twice = await run(['start', '--model', 'echo', '--model', 'echo']);
    expect(twice).toMatchObject({ code: 2, stderr: expect.stringContaining('--model NAME=SOURCE') });
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createSmmf, type Smmf, type SmmfListening } from '../src/index.ts';
import { complete } from './complete.ts';
import { runSmmf } from './run-smmf.ts';
import { expectScreen } from './terminal/golden-screen.ts';
import { KEYS, openSmmf } from './terminal/terminal.ts';

// Each test starts the command several times.
vi.setConfig({ testTimeout: 60_000 });

const ENGINE = join(import.meta.dirname, '../../testkit/src/demo/demo-engine.ts');
const folder = mkdtempSync(join(tmpdir(), 'smmf-status-'));
let smmf: Smmf;
let at: SmmfListening;

beforeAll(async () => {
  smmf = await createSmmf({
    version: 1,
    server: { port: 0 },
    admin: { port: 0 },
    models: {
      chat: { engine: ENGINE, replicas: 2, tokenMs: 5 },
      broken: { engine: ENGINE, failInStart: 'MODEL_LOAD_FAILED' },
    },
  });
  at = await smmf.listen();
  const states = async (): Promise<string[]> => (await smmf.controller.instances()).map(({ state }) => state).sort();
  await vi.waitFor(async () => expect(await states()).toEqual(['failed', 'ready', 'ready']), { timeout: 20_000 });
  writeFileSync(
    join(folder, 'smmf.yaml'),
    `version: 1\nserver: { port: ${at.server.port} }\nadmin: { port: ${at.admin.port} }\nmodels: { chat: { engine: x }, other: { engine: x } }\n`,
  );
}, 30_000);
afterAll(async () => {
  await smmf.close(1_000);
  rmSync(folder, { recursive: true });
});

const ask = (words: number) =>
  smmf.chat({ model: 'chat', stream: true, max_tokens: words, messages: [{ role: 'user', content: 'one two' }] });

describe('smmf status', () => {
  it('shows models and instances with their states and reasons, and how busy they are', async () => {
    for await (const _ of ask(20));
    const terminal = openSmmf(['status'], { cwd: folder });
    expect(await terminal.ended()).toBe(0);
    const ports = { [String(at.server.port)]: '8100', [String(at.admin.port)]: '8010' };
    const screen = terminal.screen().replace(/(chat +ready.* )\d+$/m, '$152');
    await expectScreen('status', `$ smmf status\n${screen}`, ports);
  });

  it('is JSON with raw numbers on request, and redraws until Ctrl-C with --watch', async () => {
    const { stdout } = await runSmmf(['status', '--json'], { cwd: folder });
    const { models, instances } = JSON.parse(stdout);
    expect(models).toMatchObject([
      { id: 'broken', state: 'failed', ready: 0, reason: expect.stringContaining('told to fail') },
      { id: 'chat', state: 'ready', ready: 2, running: 0, waiting: 0 },
    ]);
    expect(instances).toHaveLength(3);
    expect(instances[0].sinceMs).toBeGreaterThan(1e12);
    const terminal = openSmmf(['status', '--watch'], { cwd: folder });
    await terminal.shows(/chat +ready 2\/2 +0/);
    const long = ask(60_000)[Symbol.asyncIterator]();
    await long.next();
    await terminal.shows(/chat +ready 2\/2 +1/);
    await long.return?.();
    await terminal.shows(/chat +ready 2\/2 +0/);
    expect(terminal.screen().match(/MODEL/g)).toHaveLength(1);
    terminal.type(KEYS.interrupt);
    expect(await terminal.ended()).toBe(0);
  });

  it('lists what runs with ps, and tells with a code that nothing does', async () => {
    const { stdout } = await runSmmf(['ps'], { cwd: folder });
    expect(stdout).toMatch(/^NAME +ENGINE +INSTANCES +REQUESTS +SINCE\nchat +demo +2 +0 +\d+ (?:s|min)\n$/);
    expect(await runSmmf(['ps', '--admin-url', 'http://127.0.0.1:9'], { cwd: folder })).toMatchObject({ code: 3 });
    expect((await runSmmf(['instance', 'list'], { cwd: folder })).stdout).toMatch(
      /chat-0 +chat +demo +ready +\d+ (?:s|min) /,
    );
  });

  it('shows one model with card and instances, as an answer to its name', async () => {
    const { stdout } = await runSmmf(['show', 'chat'], { cwd: folder });
    expect(stdout).toMatch(
      /model +chat\ntasks +chat, completions\ncontext length +65536 tokens\nchat-0 +demo, ready for \d+ s\nchat-1/,
    );
  });
});

describe('faults with --json', () => {
  it('are JSON on standard output, with the code that they have without it', async () => {
    const far = ['--json', '--admin-url', 'http://127.0.0.1:9', '--url', 'http://127.0.0.1:9'];
    const gone = await runSmmf(['status', ...far], { cwd: folder });
    expect(gone).toMatchObject({ code: 3, stderr: '' });
    expect(JSON.parse(gone.stdout).error).toMatchObject({ code: 'UNREACHABLE', faults: [] });
    writeFileSync(join(folder, 'bad.yaml'), 'version: 1\nsever: {}\nmodels: { a: { engine: 3 } }\n');
    const bad = await runSmmf(['check', 'bad.yaml', '--json'], { cwd: folder });
    expect(bad).toMatchObject({ code: 2, stderr: '' });
    expect(JSON.parse(bad.stdout).error).toMatchObject({
      code: 'CONFIG_INVALID',
      faults: expect.arrayContaining([expect.stringContaining('sever: unknown key; did you mean "server"?')]),
    });
    const usage = await runSmmf(['status', '--json', '--wach'], { cwd: folder });
    expect(usage.code).toBe(2);
    expect(JSON.parse(usage.stdout).error).toMatchObject({ message: expect.stringContaining('--watch') });
  });
});

describe('smmf completion', () => {
  const bash = (line: string): Promise<readonly string[]> => complete(line, { cwd: folder });

  it('completes commands, options, and the names of models and instances', async () => {
    expect(await bash('smmf st')).toEqual(['start', 'status']);
    expect(await bash('smmf instance o')).toEqual(['online', 'offline']);
    expect(await bash('smmf instance restart --no')).toEqual(['--no-wait']);
    expect(await bash('smmf chat ')).toEqual(['broken', 'chat', 'other']);
    expect(await bash('smmf instance drain cha')).toEqual(['chat-0', 'chat-1']);
    expect(await bash('smmf check sm')).toEqual(['smmf.yaml']);
  });

  it('is silent where nothing answers, and knows its shells', async () => {
    const env = { ...process.env, SMMF_ADMIN_URL: 'http://127.0.0.1:9' };
    expect(await runSmmf(['completion', '--names', 'instances'], { cwd: folder, env })).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
    for (const shell of ['zsh', 'fish']) {
      expect((await runSmmf(['completion', shell])).stdout).toContain("'instance'");
    }
    expect(await runSmmf(['completion', 'csh'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('bash, zsh or fish'),
    });
  });
});

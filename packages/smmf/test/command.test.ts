import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePorts } from '@smmf/testkit';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
const MAIN = join(import.meta.dirname, '../src/main.ts');
const ENGINE = join(ROOT, 'packages/testkit/src/demo/demo-engine.ts');
const empty = mkdtempSync(join(tmpdir(), 'smmf-command-'));
mkdirSync(join(ROOT, 'apps/quickstart/.cache'), { recursive: true });
const withPlugins = mkdtempSync(join(ROOT, 'apps/quickstart/.cache/command-'));
mkdirSync(join(ROOT, 'apps/bench/.cache'), { recursive: true });
const withProxy = mkdtempSync(join(ROOT, 'apps/bench/.cache/command-'));
afterAll(() => {
  for (const folder of [empty, withPlugins, withProxy]) rmSync(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function smmf(args: readonly string[], { cwd = empty, input = '', env = process.env } = {}): Promise<Ended> {
  const child = spawn(process.execPath, ['--conditions=smmf-source', MAIN, ...args], { cwd, env, stdio: 'pipe' });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (piece) => (stdout += piece));
  child.stderr.on('data', (piece) => (stderr += piece));
  child.stdin.end(input);
  const [code] = await once(child, 'close');
  return { code: code as number, stdout, stderr };
}

function config(name: string, text: string): string {
  const file = join(empty, name);
  writeFileSync(file, text);
  return file;
}

const demo = (more = '') =>
  `version: 1\nserver: { port: 0 }\nadmin: { port: 0 }\nmodels:\n  demo: { engine: ${ENGINE}${more} }\n`;

describe('smmf', () => {
  it('prints its version and its help, and exits 2 for what it does not know', async () => {
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'));
    expect(await smmf(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n` });
    expect((await smmf(['--help'])).stdout).toMatch(/start.*check.*model.*chat.*instance.*plugin/s);
    expect(await smmf(['dance'])).toMatchObject({ code: 2, stdout: '' });
    expect(await smmf(['instance', 'drain'])).toMatchObject({ code: 2 });
    expect(await smmf(['start', 'manager'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('controller, worker or apiserver'),
    });
  });

  it('checks a config: 0 and a line when it is fine, 2 and every fault when it is not', async () => {
    expect(await smmf(['check', '-c', config('ok.yaml', demo())])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('is fine'),
    });
    expect(JSON.parse((await smmf(['check', '--json', '-c', config('ok.yaml', demo())])).stdout)).toMatchObject({
      ok: true,
      models: ['demo'],
    });
    const bad = await smmf(['check', '-c', config('bad.yaml', `${demo(', tokenM: 1')}sever: {}\n`)]);
    expect(bad).toMatchObject({ code: 2, stdout: '' });
    expect(bad.stderr).toMatch(/2 faults:\n.*\n.*/);
    expect(bad.stderr).not.toMatch(/\n +at /);
    expect((await smmf(['--verbose', 'check', '-c', config('bad.yaml', 'version: 3')])).stderr).toMatch(/\n +at /);
    expect(await smmf(['check'])).toMatchObject({ code: 2, stderr: expect.stringContaining('smmf init') });
    const two = await smmf(['check', config('a.yaml', demo()), '-c', config('b.yaml', demo())]);
    expect(two).toMatchObject({ code: 2, stderr: expect.stringContaining('Two config files are named') });
  });

  it('asks the upstreams of a config with --online, says what each answers, and exits 3 when one does not', async () => {
    let status = 401;
    const server = createServer((_request, response) => response.writeHead(status).end());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const file = join(withPlugins, 'online.yaml');
    const model = (name: string, at: number) => `  ${name}: { engine: vllm, url: "http://127.0.0.1:${at}" }\n`;
    writeFileSync(file, `version: 1\nmodels:\n${model('one', port)}`);
    expect(await smmf(['check', '--online', '-c', file])).toMatchObject({
      code: 0,
      stdout: `${file} is fine: 1 model(s), 1 instance(s)\none: vllm at http://127.0.0.1:${port}/v1: ready, but it wants a key (HTTP 401)\n`,
    });
    status = 501;
    const unused = await freePorts();
    writeFileSync(file, `version: 1\nmodels:\n${model('one', port)}${model('two', unused)}`);
    const both = await smmf(['check', '--online', '-c', file]);
    expect(both).toMatchObject({ code: 3, stderr: '' });
    expect(both.stdout).toContain(`one: vllm at http://127.0.0.1:${port}/v1: ready, but no models list (HTTP 501)\n`);
    const reason = `nothing listens at 127.0.0.1:${unused} (connection refused)`;
    expect(both.stdout).toContain(`two: vllm at http://127.0.0.1:${unused}/v1: not reachable: ${reason}\n`);
    const { upstreams } = JSON.parse((await smmf(['check', '--online', '--json', '-c', file])).stdout);
    expect(upstreams).toMatchObject([
      { model: 'one', state: 'ready', status: 501 },
      { model: 'two', state: 'down', reason },
    ]);
    server.close();
    expect(await smmf(['check', '--online', '-c', config('ok.yaml', demo())])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('nothing to ask'),
    });
  });

  it('starts nothing, opens no port and exits 2 with the install command for a plugin that is not there', async () => {
    const file = config('vllm.yaml', 'version: 1\nmodels: { big: { engine: vllm, url: "http://127.0.0.1:1" } }');
    expect(await smmf(['start', '-c', file])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('npm install @smmf/vllm'),
    });
  });

  it('says which port is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const file = config('port.yaml', demo().replace('port: 0', `port: ${port}`));
    const ended = await smmf(['start', '-c', file]);
    server.close();
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining(`${port} is in use`) });
  });

  it('says what is wrong with a model that cannot be loaded, and ends', async () => {
    const file = config('load.yaml', demo(', failInStart: MODEL_LOAD_FAILED'));
    const ended = await smmf(['start', '-c', file]);
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining('Model "demo" cannot be served') });
  });

  it('exits 3 when nothing answers', async () => {
    const nowhere = ['--url', 'http://127.0.0.1:9'];
    expect(await smmf(['model', 'list', ...nowhere])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('smmf start'),
    });
    expect(await smmf(['instance', 'list', ...nowhere])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('smmf start'),
    });
    expect(await smmf(['chat', 'x', ...nowhere], { input: 'hi' })).toMatchObject({ code: 3 });
  });

  it('says why there is no answer where something listens: no TLS, no address, no key', async () => {
    const server = createServer((_, response) => {
      const message = 'No API key is given; send header authorization: Bearer <key>';
      response.writeHead(401, { 'content-type': 'application/json' }).end(JSON.stringify({ error: { message } }));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const list = (noun: string, url: string) => smmf([noun, 'list', '--url', url]);
    for (const noun of ['model', 'instance']) {
      expect((await list(noun, `https://127.0.0.1:${port}`)).stderr).toContain('does not speak TLS');
      const { code, stderr } = await list(noun, `127.0.0.1:${port}`);
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('begins with http://') });
      expect((await list(noun, `http://127.0.0.1:${port}`)).stderr).toContain('give it with --key or in SMMF_KEY');
    }
  });

  it("sends nothing along that OpenAI's client would take from the environment", async () => {
    const heads: string[] = [];
    const server = createServer((request, response) => {
      heads.push(request.rawHeaders.join('\n'));
      response.setHeader('content-type', 'application/json').end('{"object":"list","data":[]}');
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const names = ['OPENAI_API_KEY', 'OPENAI_ADMIN_KEY', 'OPENAI_ORG_ID', 'OPENAI_PROJECT_ID'];
    const canaries = Object.fromEntries(names.map((name) => [name, `canary-${name}`]));
    const env = { ...process.env, ...canaries, OPENAI_CUSTOM_HEADERS: 'x-canary: canary', SMMF_KEY: 'sk-ours' };
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await smmf(['model', 'list', '--url', url], { env })).toMatchObject({ code: 0 });
    server.close();
    expect(heads).toEqual([expect.stringMatching(/authorization\nBearer sk-ours/i)]);
    expect(heads.join()).not.toMatch(/canary/);
  });

  it('lists plugins and writes a schema and a first config for those that are installed', async () => {
    const list = JSON.parse((await smmf(['plugin', 'list', '--json'], { cwd: withPlugins })).stdout);
    expect(list).toContainEqual(expect.objectContaining({ name: 'llamacpp', installed: 'yes' }));
    const registries = list.filter(({ kind }: { kind: string }) => kind === 'registry');
    expect(registries.map(({ name }: { name: string }) => name)).toEqual(['etcd', 'redis']);
    expect(await smmf(['init'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('npm install @smmf/llamacpp'),
    });
    expect(await smmf(['init'], { cwd: withPlugins })).toMatchObject({ code: 0 });
    expect(readFileSync(join(withPlugins, 'smmf.yaml'), 'utf8')).toMatch(/^# registry:\n# {3}use: etcd$/m);
    expect(await smmf(['check'], { cwd: withPlugins })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('1 model'),
    });
    expect(await smmf(['init'], { cwd: withPlugins })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--force'),
    });
    const schema = JSON.parse((await smmf(['schema'], { cwd: withPlugins })).stdout);
    expect(schema.properties.models).toBeDefined();
  });

  it('talks to what it started: models, instances, orders, a chat from a pipe, and a clean end', async () => {
    const child = spawn(
      process.execPath,
      ['--conditions=smmf-source', MAIN, 'start', '-c', config('run.yaml', demo())],
      { cwd: empty },
    );
    onTestFinished(() => void child.kill('SIGKILL'));
    let text = '';
    child.stdout.on('data', (piece) => (text += piece));
    await expect.poll(() => text, { timeout: 15_000 }).toContain('Try it:');
    const url = /OpenAI API +(\S+)\/v1/.exec(text)?.[1] ?? '';
    const admin = /admin API +(\S+)/.exec(text)?.[1] ?? '';
    expect((await smmf(['model', 'list', '--url', url])).stdout).toMatch(/ID +TASKS.*\ndemo +chat,completions/);
    expect(await smmf(['chat', 'demo', '--url', url], { input: 'hello there' })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('hello there'),
    });
    expect(await smmf(['chat', 'nope', '--url', url], { input: 'x' })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('nope'),
    });
    expect(await smmf(['instance', 'offline', 'demo-0', '--url', admin])).toMatchObject({
      code: 0,
      stdout: 'offline demo-0: done\n',
    });
    expect((await smmf(['instance', 'list', '--url', admin])).stdout).toMatch(/demo-0 +demo +demo +ready \(offline\)/);
    expect(await smmf(['instance', 'online', 'demo-0', '--url', admin])).toMatchObject({ code: 0 });
    expect(await smmf(['instance', 'restart', 'demo-0', '--url', admin])).toMatchObject({
      code: 0,
      stdout: 'restart demo-0: done\n',
    });
    expect(await smmf(['instance', 'drain', 'zz', '--url', admin])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no instance "zz"'),
    });
    const ended = once(child, 'exit');
    // As npm does with Ctrl-C: the same wish again, until the very end.
    const copies = setInterval(() => child.kill('SIGTERM'), 1);
    expect(await ended).toEqual([0, null]);
    clearInterval(copies);
  });

  it('prints a first request that works as it stands, with a key from the environment; listings find its port there, too', async () => {
    const [port, adminPort] = [await freePorts(), await freePorts()];
    const env = { ...process.env, TRY_KEY: 'canary-canary-canary-1', TRY_PORT: String(port) };
    const text = `version: 1
server: { port: "\${env:TRY_PORT}", keys: ["\${env:TRY_KEY}"] }
admin: { port: ${adminPort} }
models:
  demo: { engine: ${ENGINE} }
`;
    const file = config('try.yaml', text);
    const child = spawn(process.execPath, ['--conditions=smmf-source', MAIN, 'start', '-c', file], { cwd: empty, env });
    onTestFinished(() => void child.kill('SIGKILL'));
    let printed = '';
    child.stdout.on('data', (piece) => (printed += piece));
    await expect.poll(() => printed, { timeout: 15_000 }).toMatch(/curl .*\n/);
    const line = /curl .*/.exec(printed)?.[0] ?? '';
    expect(line).toContain(`http://127.0.0.1:${port}/`);
    expect(printed).not.toContain('canary');
    const answer = await promisify(execFile)('sh', ['-c', line], { env });
    expect(JSON.parse(answer.stdout).choices[0].message.content).toContain('Hello!');
    const listed = await smmf(['model', 'list', '-c', file, '--key', env.TRY_KEY], { env });
    expect(listed).toMatchObject({ code: 0, stdout: expect.stringContaining('demo') });
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });
});

describe('smmf vendor test', () => {
  /** A service that knows one key, and no model but one. */
  async function service(): Promise<string> {
    const server = createServer((request, response) => {
      const isKnown = request.headers.authorization === 'Bearer sk-good-canary-0001';
      const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
      const choices = [{ index: 0, message: { role: 'assistant', content: 'hello' }, finish_reason: 'stop' }];
      const reply = { id: 'x', object: 'chat.completion', created: 1, model: 'large-1', choices, usage };
      const refusal = { error: { message: 'Incorrect API key: sk-bad-canary-0002', code: 'invalid_api_key' } };
      response.writeHead(isKnown ? 200 : 401, { 'content-type': 'application/json' });
      response.end(JSON.stringify(isKnown ? reply : refusal));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  }
  const written = (name: string, url: string, keys: string): string => {
    const file = join(withProxy, name);
    const engine = `engine: proxy-openai\n    url: ${url}\n    model: large\n    ${keys}`;
    writeFileSync(
      file,
      `version: 1\nserver: { port: 0 }\nmodels:\n  chat:\n    ${engine}\n    fallbacks: [none]\n  none: { engine: proxy-openai, url: "http://127.0.0.1:9/v1" }\n`,
    );
    return file;
  };

  it('makes one call with each key and says how long it took, or what failed, without a key in it', async () => {
    const url = await service();
    const keys = 'keys: [{ key: sk-good-canary-0001, weight: 2 }, { key: sk-bad-canary-0002, name: team }]';
    const { code, stdout, stderr } = await smmf(['vendor', 'test', 'chat', '-c', written('keys.yaml', url, keys)]);
    expect(stdout).toMatch(/^chat: proxy-openai \(key-1\), chat: ok: .*whole \d+ ms, 5 tokens, as "large-1"$/m);
    expect(stdout).toMatch(
      /^chat: proxy-openai \(team\), chat: failed after \d+ ms: .*refused the key.*credentials_unusable/m,
    );
    expect(code).toBe(1);
    expect(stdout + stderr).not.toContain('canary');
  });

  it('ends with 0 where all is well, says as JSON the same, and knows which models there are', async () => {
    const file = written('one.yaml', await service(), 'apiKey: sk-good-canary-0001');
    const { code, stdout } = await smmf(['vendor', 'test', 'chat', '--json', '-c', file]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject([{ engine: 'proxy-openai', task: 'chat', ok: true, tokens: 5 }]);
    const unknown = await smmf(['vendor', 'test', 'chta', '-c', file]);
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('it has chat, none') });
  });

  it('says in words that nothing answers', async () => {
    const file = written('nowhere.yaml', 'http://127.0.0.1:9/v1', 'apiKey: sk-good-canary-0001');
    const { code, stdout } = await smmf(['vendor', 'test', 'chat', '-c', file]);
    expect([code, stdout]).toEqual([1, expect.stringMatching(/failed.*nothing listens/)]);
  });

  it('is offered under the name that the engine had in DB-GPT, with a hint at the new one', async () => {
    const file = join(withProxy, 'old.yaml');
    writeFileSync(file, 'version: 1\nmodels:\n  chat: { engine: chatgpt_proxyllm, apiKey: sk-x }\n');
    const { code, stdout } = await smmf(['check', '-c', file]);
    expect([code, stdout]).toEqual([0, expect.stringContaining('"chatgpt_proxyllm" is called "proxy-openai" here')]);
  });
});

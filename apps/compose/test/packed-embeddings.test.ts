import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mustRun, neededBy, packAll, serve, tarballsOf, userEnv } from './packed.ts';

/** What a plain install of smmf with embeddings may take on disk. */
const LIMIT_MB = 150;
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'smmf-packed-')));
const project = join(folder, 'project');
const native = `@smmf/onnxruntime-${process.platform}-${process.arch}`;
const script = join(process.env.SMMF_REAL ?? resolve(import.meta.dirname, '../../../../shared/real'), 'model-minilm');
const model = existsSync(script) ? execFileSync(script, { encoding: 'utf8' }).trim() : undefined;
if (!model) console.warn(`skipped: no real model (${script} is absent; SMMF_REAL names its folder)`);

/** What the Node processes of the install did. */
const recorded = join(folder, 'connections.jsonl');
const recorder = join(import.meta.dirname, 'connections-recorder.mjs');
/** A cache of its own: what npm has already, it need not ask for. */
const recording = (env = userEnv()): NodeJS.ProcessEnv => ({
  ...env,
  NODE_OPTIONS: `--import=${recorder}`,
  CONNECTIONS: recorded,
  npm_config_cache: join(folder, 'cache'),
});

interface Noted {
  readonly host?: string;
  readonly program?: string;
}

const noted = (): readonly Noted[] =>
  readFileSync(recorded, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Noted);

beforeAll(async () => {
  const tarballs = tarballsOf([...neededBy(['smmf', '@smmf/embeddings']), native], await packAll(folder));
  mkdirSync(project);
  await mustRun('npm', ['install', ...tarballs], project, recording());
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Installed {
  readonly resolved?: string;
  readonly hasInstallScript?: boolean;
}

describe('smmf and embeddings, installed by npm from packed tarballs', () => {
  it('ask no host but the package registry while they are installed, and start no program', () => {
    const setting = (name: string): string =>
      execFileSync('npm', ['config', 'get', name], { cwd: project, encoding: 'utf8', env: userEnv() }).trim();
    // Behind a proxy, the proxy is what npm connects to.
    const { HTTPS_PROXY, https_proxy, HTTP_PROXY, http_proxy } = process.env;
    const named = [setting('registry'), setting('proxy'), setting('https-proxy')];
    const urls = [...named, HTTPS_PROXY, https_proxy, HTTP_PROXY, http_proxy].filter((url) => URL.canParse(url ?? ''));
    const allowed = urls.map((url) => new URL(url ?? '').hostname);
    const hosts = new Set(noted().flatMap(({ host = [] }) => host));
    expect(hosts.size).toBeGreaterThan(0);
    expect([...hosts].filter((host) => !allowed.includes(host))).toEqual([]);
    expect(noted().flatMap(({ program = [] }) => program)).toEqual([]);
  });

  it('would be seen asking another host, or starting a program', async () => {
    const script =
      "require('node:https').get('https://127.0.0.9:59999').on('error', () => 0); fetch('http://127.0.0.8:59999').catch(() => 0);" +
      "require('node:child_process').execFileSync('true'); require('node:child_process').spawn('false')";
    await mustRun('node', ['-e', script], project, { ...recording(), CONNECTIONS: `${recorded}.2` });
    const entries = readFileSync(`${recorded}.2`, 'utf8').trimEnd().split('\n').sort();
    expect(entries).toEqual([
      '{"host":"127.0.0.8"}',
      '{"host":"127.0.0.9"}',
      '{"program":"false"}',
      '{"program":"true"}',
    ]);
  });

  it('have no install script, and come from the package registry alone', () => {
    const text = readFileSync(join(project, 'node_modules/.package-lock.json'), 'utf8');
    const { packages } = JSON.parse(text) as { packages: Record<string, Installed> };
    const entries = Object.entries(packages);
    expect(entries.length).toBeGreaterThan(20);
    expect(entries.filter(([, { hasInstallScript }]) => hasInstallScript)).toEqual([]);
    const registry = execFileSync('npm', ['config', 'get', 'registry'], { cwd: project, encoding: 'utf8' }).trim();
    // Where npm is set not to write the registry's address, it writes none.
    const places = entries.map(([, { resolved = registry }]) => resolved);
    expect(places.filter((place) => !place.startsWith('file:') && !place.startsWith(registry))).toEqual([]);
    expect(entries.map(([path]) => path)).not.toContain('node_modules/onnxruntime-node');
  });

  it(`take at most ${LIMIT_MB} MB, with the library of this platform and no GPU build`, () => {
    const [size] = execFileSync('du', ['-sm', 'node_modules'], { cwd: project, encoding: 'utf8' }).split('\t');
    console.log(`node_modules: ${size} MB on disk`);
    expect(Number(size)).toBeLessThanOrEqual(LIMIT_MB);
    const found = (pattern: string): string[] =>
      execFileSync('find', ['node_modules', '-iname', pattern], { cwd: project, encoding: 'utf8' }).trim().split('\n');
    expect(found('*cuda*')).toEqual(['']);
    expect(found('*tensorrt*')).toEqual(['']);
    expect(found('libonnxruntime*')).toHaveLength(1);
    expect(found('onnxruntime_binding.node')).toEqual([`node_modules/${native}/bin/onnxruntime_binding.node`]);
  });

  it.skipIf(!model)('answer embeddings by a real model from one config file', { timeout: 120_000 }, async () => {
    const listeners = 'server: { port: 0 }\nadmin: { port: 0 }\nlog: { format: json }\n';
    writeFileSync(
      join(project, 'smmf.yaml'),
      `version: 1\n${listeners}models:\n  minilm: { engine: embeddings, source: ${model}, threads: 2 }\n`,
    );
    const { url, stop } = await serve(project, 'smmf.yaml', 60_000);
    try {
      const { items } = JSON.parse(readFileSync(join(model ?? '', 'reference.json'), 'utf8'));
      const [{ text, vector }] = items as [{ text: string; vector: number[] }];
      const body = JSON.stringify({ model: 'minilm', input: text });
      const headers = { 'content-type': 'application/json' };
      const reply = await fetch(`${url}/embeddings`, { method: 'POST', headers, body });
      const { data } = (await reply.json()) as { data: [{ embedding: number[] }] };
      for (const [at, value] of vector.entries()) expect(data[0].embedding[at]).toBeCloseTo(value, 4);
    } finally {
      await stop();
    }
  });
});

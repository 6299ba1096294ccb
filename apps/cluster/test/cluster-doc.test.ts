import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configSchema, readConfig } from '@smmf/runtime';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Block, blocksOf } from './page-blocks.ts';
import { type Ended, type Running, TwoHosts, whyNoHosts } from './two-hosts.ts';

const ROOT = join(import.meta.dirname, '../../..');
const MAIN = join(ROOT, 'packages/smmf/src/main.ts');
const PAGE = blocksOf(readFileSync(join(ROOT, 'docs/cluster.md'), 'utf8'));
const HOSTS = ['control', 'gpu1'] as const;

const SOURCE = /source: (\S+)/.exec(PAGE.find(({ file }) => file === 'controller.yaml')?.text ?? '')?.[1] ?? '';

/** Fetches the page's model to this machine, as the hosts have no way out. Why that failed; undefined when it is here. */
function whyNoModel(): string | undefined {
  try {
    execFileSync(process.execPath, ['--conditions=smmf-source', MAIN, 'pull', SOURCE], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    return undefined;
  } catch (error) {
    return `the model of the page cannot be fetched: ${error instanceof Error ? error.message.trim() : String(error)}`;
  }
}

const why = whyNoHosts() ?? whyNoModel();
if (why !== undefined) console.log(`skipped: docs/cluster.md as it stands: ${why}`);
const hasNginx = ((): boolean => {
  try {
    execFileSync('nginx', ['-v'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();
if (!hasNginx) console.log('skipped: nginx before two API servers: there is no nginx here');

/** The commands of the page that hold `words`. */
function commands(words: string): Block {
  const found = PAGE.filter(({ language, text }) => language === 'sh' && text.includes(words));
  expect(found, words).toHaveLength(1);
  return found[0] as Block;
}

it('the other configs of docs/cluster.md are ones that SMMF reads', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'smmf-page-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of ['cluster.secret', 'cluster.secret.old']) writeFileSync(join(folder, name), '0123456789abcdef');
  const others = PAGE.filter(({ language, file }) => language === 'yaml' && file === undefined);
  expect(others.length).toBeGreaterThan(2);
  for (const { text } of others) {
    const file = join(folder, 'smmf.yaml');
    writeFileSync(file, text.startsWith('version:') ? text : `version: 1\n${text}`);
    expect(configSchema.safeParse((await readConfig(file)).value), text).toMatchObject({ success: true });
  }
});

describe.skipIf(why !== undefined)('docs/cluster.md, typed as it stands on two hosts', () => {
  let hosts: TwoHosts;
  const servers: Record<string, Running> = {};

  const type = ({ hosts: [name = ''], text }: Block, more = ''): Promise<Ended> => hosts.type(name, `${text}${more}`);
  const start = (words: string): Running => {
    const {
      hosts: [name = ''],
      text,
    } = commands(words);
    return hosts.start(name, text);
  };
  const status = (): Promise<Ended> => type(commands('smmf cluster status'));
  /** The page's question, to the API server of a host, or to nginx; with the HTTP status as the last line. */
  const ask = (from: string, origin = `https://${from}:8100`): Promise<Ended> => {
    const { text } = commands('chat/completions');
    const words = text.replace('https://control:8100', origin).replace('curl ', "curl -m 20 -w '\\n%{http_code}' ");
    return hosts.type(from, words);
  };
  const isAnswer = { code: 0, output: expect.stringMatching(/"content":"\w.*data: \[DONE\]\n\n\n200$/s) };

  beforeAll(async () => {
    hosts = new TwoHosts(HOSTS, join(import.meta.dirname, '../.cache'));
    for (const { file, hosts: names, text } of PAGE)
      for (const name of file === undefined ? [] : names) writeFileSync(join(hosts.folderOf(name), file ?? ''), text);
    expect(await type(commands('openssl rand -base64'))).toMatchObject({ code: 0 });
    for (const words of ['start controller', 'start worker', 'SMMF_HOST=control', 'SMMF_HOST=gpu1'])
      servers[words] = start(words);
  });
  afterAll(() => hosts?.close());

  it('says that all is well, with exit code 0, once both instances run', async () => {
    await expect.poll(status, { timeout: 40_000, interval: 500 }).toMatchObject({ code: 0 });
    const { output } = await status();
    expect(output).toMatch(/^Cluster "default": 2 of 2 instances ready\n/);
    expect(output).toMatch(/control +controller \(primary\) +up +https:\/\/control:8000/);
    expect(output.match(/API server +up +https:\/\/(?:control|gpu1):8100/g)).toHaveLength(2);
    expect(output).toMatch(/\ngpu1 +up +2 +gpu=yes +https:\/\/gpu1:8001/);
    expect(servers['start controller']?.output()).not.toContain('Without TLS');
    const { output: told } = await hosts.type('control', 'smmf instance describe chat-0');
    expect(told).toMatch(/\naddress: +https:\/\/gpu1:80\d\d\/v1\nidentity: +tls/);
  });

  it('streams a chat through either API server, and lets nobody in without the key', async () => {
    expect(await ask('control')).toMatchObject(isAnswer);
    expect(await ask('gpu1')).toMatchObject(isAnswer);
    const { output } = await hosts.type('control', 'curl -s --cacert ca.pem https://gpu1:8100/v1/models');
    expect(JSON.parse(output)).toMatchObject({ error: { code: 'invalid_api_key' } });
    const engine = await hosts.type('control', 'curl -s --cacert ca.pem https://gpu1:8002/v1/models');
    expect(JSON.parse(engine.output)).toMatchObject({ error: { code: 'invalid_api_key' } });
  });

  it.skipIf(!hasNginx)('streams through nginx, also when one of the API servers has gone', async () => {
    const nginx = start('nginx -p');
    const throughNginx = (): Promise<Ended> => ask('control', 'https://control');
    await expect.poll(throughNginx, { timeout: 10_000 }).toMatchObject(isAnswer);
    await servers['SMMF_HOST=control']?.stop();
    for (let round = 0; round < 3; round++) expect(await throughNginx()).toMatchObject(isAnswer);
    servers['SMMF_HOST=control'] = start('SMMF_HOST=control');
    await expect.poll(() => ask('control'), { timeout: 15_000 }).toMatchObject(isAnswer);
    expect(nginx.isRunning()).toBe(true);
  });

  it('serves on where engines are reached while packets are dropped, refuses by name elsewhere, and is as before afterwards', async () => {
    hosts.cut();
    // The one beside the engines is cut off from its controller and its registry.
    expect(await ask('gpu1')).toMatchObject(isAnswer);
    const refused = await ask('control');
    expect(refused.output).toMatch(/"error":\{.*"code":"\w+".*\n50\d$/s);
    await expect.poll(status, { timeout: 30_000, interval: 500 }).toMatchObject({
      code: 1,
      output: expect.stringContaining('chat-0'),
    });
    expect(await ask('gpu1')).toMatchObject(isAnswer);
    expect((await ask('control')).output).toMatch(/"error":\{.*"code":"\w+".*\n50\d$/s);
    hosts.heal();
    await expect.poll(() => ask('control'), { timeout: 30_000, interval: 500 }).toMatchObject(isAnswer);
    expect(await ask('gpu1')).toMatchObject(isAnswer);
    const bothServers = /(?:.* API server +up .*\n){2}\nHOST.*\ngpu1 +up +2 +gpu=yes/;
    const asBefore = { code: 0, output: expect.stringMatching(bothServers) };
    await expect.poll(status, { timeout: 30_000, interval: 500 }).toMatchObject(asBefore);
    const { output } = await hosts.type('control', 'smmf instance list');
    expect(output.match(/chat-\d .* ready +\d+ \w+ +1 +0 *$/gm)).toHaveLength(2);
  });
});

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { complete } from './complete.ts';
import { type Ended, runSmmf } from './run-smmf.ts';
import { type SmallCluster, startSmallCluster } from './small-cluster.ts';
import { expectScreen } from './terminal/golden-screen.ts';
import { KEYS, openSmmf } from './terminal/terminal.ts';

// Each test starts the command several times.
vi.setConfig({ testTimeout: 60_000 });

const ENGINE = join(import.meta.dirname, '../../testkit/src/demo/demo-engine.ts');
let cluster: SmallCluster;

const ask = (...args: string[]): Promise<Ended> => runSmmf([...args, '--url', cluster.url]);

beforeAll(async () => {
  cluster = await startSmallCluster({ demo: { engine: ENGINE, replicas: 2 } });
  const whole = async (): Promise<unknown> => (await fetch(`${cluster.url}/admin/v1/cluster`)).json();
  const healthy = { instances: { ready: 2, all: 2 }, problems: [] };
  await vi.waitFor(async () => expect(await whole()).toMatchObject(healthy), { timeout: 30_000, interval: 100 });
}, 60_000);
afterAll(() => cluster?.close());

/** The admin API of a cluster in which something of every kind is not well. */
async function scripted(more: object = {}): Promise<string> {
  const startedAtMs = Date.now() - 90_000;
  const member = { epoch: 3, state: 'up', version: '0.1.0', labels: {}, engines: [], keyPrints: [], startedAtMs };
  const worker = { ...member, kind: 'worker', id: 'gpu-1', url: 'https://gpu1:8001', engines: ['llamacpp', 'vllm'] };
  const view = {
    namespace: 'default',
    members: [
      { ...member, kind: 'controller', id: 'control-1', url: 'https://control1:8000', primary: true },
      { ...member, kind: 'controller', id: 'control-2', url: 'https://control2:8000' },
      { ...member, kind: 'apiserver', id: 'front-812-x1y2z3', url: 'http://front:8100', plain: true },
      worker,
    ],
    hosts: [
      { ...worker, labels: { zone: 'a', gpu: 'l40s' }, standing: 'draining', instances: ['chat-0', 'chat-1'] },
      { id: 'gpu-2', standing: 'lost', instances: ['chat-2'], unheardOf: true },
    ],
    instances: { ready: 2, all: 3 },
    problems: [
      {
        what: 'worker host "gpu-2" is lost, with chat-2',
        remedy: 'start it again with its stateDir: smmf start worker',
      },
      {
        what: 'apiserver "front-812-x1y2z3" listens beyond its machine without TLS\u001b]0;title\u0007',
        remedy: 'give it tls: { certFile, keyFile }',
      },
    ],
    ...more,
  };
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify(view));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('smmf cluster status', () => {
  it('shows who is there, what is not well and what to do about it, and ends with 1', async () => {
    const terminal = openSmmf(['cluster', 'status', '--url', await scripted()]);
    expect(await terminal.ended()).toBe(1);
    expect(terminal.raw()).not.toContain('\u001b]0');
    await expectScreen('cluster-status', `$ smmf cluster status\n${terminal.screen()}`);
  });

  it('ends with 1 while instances are starting, which is no problem', async () => {
    const url = await scripted({ instances: { ready: 1, starting: 1, all: 2 }, problems: [] });
    const { code, stdout } = await runSmmf(['cluster', 'status', '--url', url]);
    expect(stdout).toMatch(
      /^Cluster "default": 1 of 2 instances ready\n.*\n\nNo problem; 1 instance is starting\.\n$/s,
    );
    expect(code).toBe(1);
  });

  it('ends with 0 when all is well, also with --json, which has raw numbers', async () => {
    const { code, stdout } = await ask('cluster', 'status');
    expect(stdout).toMatch(/^Cluster "default": 2 of 2 instances ready\n/);
    expect(stdout).toMatch(/main +controller \(primary\) +up +http:\/\/127\.0\.0\.1:\d+ +\d+\.\d+\.\d+ +\d+ s\n/);
    expect(stdout).toMatch(/\nhost-1 +up +2 +zone=a .*\n\nAll is well\.\n$/);
    expect(code).toBe(0);
    const json = await ask('cluster', 'status', '--json');
    expect(json.code).toBe(0);
    const { hosts, members } = JSON.parse(json.stdout);
    expect(hosts).toMatchObject([
      { id: 'host-1', standing: 'up', labels: { zone: 'a' }, instances: ['demo-0', 'demo-1'] },
    ]);
    expect(members.map(({ kind }: { kind: string }) => kind).sort()).toEqual(['apiserver', 'controller', 'worker']);
    expect(hosts[0].startedAtMs).toBeGreaterThan(1e12);
  });

  it('redraws until Ctrl-C with --watch', async () => {
    const terminal = openSmmf(['cluster', 'status', '--watch', '--url', cluster.url]);
    await terminal.shows(/host-1 +up +2/);
    await ask('host', 'cordon', 'host-1');
    await terminal.shows(/host-1 +cordoned +2/);
    await ask('host', 'uncordon', 'host-1');
    await terminal.shows(/host-1 +up +2/);
    expect(terminal.screen().match(/Cluster "default"/g)).toHaveLength(1);
    terminal.type(KEYS.interrupt);
    expect(await terminal.ended()).toBe(0);
  });

  it('exits 3 where nothing answers, as JSON with --json', async () => {
    const ended = await runSmmf(['cluster', 'status', '--json', '--url', 'http://127.0.0.1:9']);
    expect(ended).toMatchObject({ code: 3, stderr: '' });
    expect(JSON.parse(ended.stdout).error).toMatchObject({ code: 'UNREACHABLE' });
  });
});

describe('smmf host', () => {
  it('lists the hosts, and describes one', async () => {
    const list = await ask('host', 'list');
    expect(list.stdout).toMatch(
      /^HOST +STANDING +INSTANCES +LABELS +ADDRESS +VERSION +UP +ENGINES\nhost-1 +up +2 +zone=a/,
    );
    expect(JSON.parse((await ask('host', 'list', '--json')).stdout)).toMatchObject([{ id: 'host-1', standing: 'up' }]);
    const one = await ask('host', 'describe', 'host-1');
    expect(one).toMatchObject({ code: 0, stderr: '' });
    expect(one.stdout).toMatch(/^host: +host-1\nstanding: +up\n/);
    expect(one.stdout).toMatch(/\ninstances: +demo-0, demo-1\nlabels: +zone=a\n/);
    expect(one.stdout).toMatch(/\nstarted: +\d+ (?:s|min) ago\n/);
    expect(await ask('host', 'describe', 'host-2')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('There is no worker host "host-2"; did you mean "host-1"?'),
    });
  });

  it('takes orders for a whole host, which its instances show, and undoes them', async () => {
    expect(await ask('host', 'cordon', 'host-1')).toMatchObject({ code: 0, stdout: 'cordon host-1: cordoned\n' });
    expect(await ask('host', 'uncordon', 'host-1')).toMatchObject({ code: 0, stdout: 'uncordon host-1: up\n' });
    const drained = await ask('host', 'drain', 'host-1', '--json');
    expect(JSON.parse(drained.stdout)).toMatchObject({ id: 'host-1', standing: 'draining' });
    expect((await ask('instance', 'list')).stdout).toMatch(/demo-0 .*ready \(draining\)/);
    expect(await ask('cluster', 'status')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/host-1 +draining/),
    });
    expect(await ask('host', 'resume', 'host-1')).toMatchObject({ code: 0, stdout: 'resume host-1: up\n' });
    expect((await ask('instance', 'list')).stdout).not.toContain('draining');
  });

  it('says what the server says of a host that there is not', async () => {
    expect(await ask('host', 'drain', 'nowhere')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('There is no worker host "nowhere"; "smmf host list" shows those there are'),
    });
    const json = await ask('host', 'drain', 'nowhere', '--json');
    expect(JSON.parse(json.stdout).error).toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('smmf instance', () => {
  it('describes where an instance runs, and how it shows who it is', async () => {
    const { stdout } = await ask('instance', 'describe', 'demo-0');
    expect(stdout).toMatch(/\nhost: +host-1\nstate: +ready\n/);
    expect(stdout).toMatch(/\naddress: +http:\/\/127\.0\.0\.1:23\d+\/v1\nidentity: +proof \(/);
  });

  it('resumes as online does', async () => {
    expect(await ask('instance', 'drain', 'demo-1')).toMatchObject({ code: 0 });
    expect((await ask('instance', 'list')).stdout).toMatch(/demo-1 .*ready \(draining\)/);
    expect(await ask('instance', 'resume', 'demo-1')).toMatchObject({ code: 0, stdout: 'resume demo-1: done\n' });
    expect((await ask('instance', 'list')).stdout).not.toContain('draining');
  });

  it('shows the log of an engine on a worker host as smmf logs does', async () => {
    const logs = await ask('instance', 'logs', 'demo-0', '--json');
    expect(logs).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('"-- ready (epoch 1)"') });
    expect((await ask('logs', 'demo-0', '--json')).stdout).toBe(logs.stdout);
  });
});

describe('smmf completion', () => {
  it('knows the commands on hosts and the cluster, and the names of hosts', async () => {
    const env = { ...process.env, SMMF_ADMIN_URL: cluster.url };
    expect(await complete('smmf cl', { env })).toEqual(['cluster']);
    expect(await complete('smmf host un', { env })).toEqual(['uncordon']);
    expect(await complete('smmf host drain ', { env })).toEqual(['host-1']);
    expect(await complete('smmf instance resume demo-', { env })).toEqual(['demo-0', 'demo-1']);
    expect(await complete('smmf cluster status --w', { env })).toEqual(['--watch']);
  });
});

describe('a worker host that has left', () => {
  it('leaves its instances unserved: problems, each with what to do, and the exit code is 1', async () => {
    await cluster.worker.close(0);
    const status = (): Promise<Ended> => ask('cluster', 'status');
    await vi.waitFor(async () => expect((await status()).code).toBe(1), { timeout: 30_000 });
    const { stdout } = await status();
    expect(stdout).toMatch(/^Cluster "default": 0 of 2 instances ready\n/);
    expect(stdout).toMatch(/\n\d problems:\n(?: {2}\S.*\n {4}-> \S.*\n)+$/);
    expect(stdout).toContain('demo-0');
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LogLine, recordingLogger } from '../../cluster/test/fake-registry.ts';
import { type Config, createRole, type RoleName, type RunningRole } from '../src/index.ts';

/** A registry's server with users and TLS, that roles are given, and what is done to it. */
export interface ServerUnderRoles {
  /** The section `registry` of a config in which a user of it has this password; the right one where it is left out. */
  section(password?: string): Config['registry'];
  /** SIGKILL; its data are kept, and it is started again so much later. */
  kill(awayMs: number): Promise<void>;
  /** SIGSTOP, and SIGCONT so much later. */
  pause(awayMs: number): Promise<void>;
  /** It starts again empty; resolves once it takes members. */
  wipe(): Promise<void>;
  /** Ids of the entries that it holds. */
  listed(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** What the tests are told of a server. */
export interface ClusterOverRegistry {
  readonly namespace: string;
  /** Ports of the worker host. */
  readonly ports: string;
  open(namespace: string): Promise<ServerUnderRoles>;
}

const ENGINE = join(import.meta.dirname, '../../testkit/src/demo/demo-engine.ts');
const INSTANCES = ['demo-0', 'demo-1'];
const AWAY_MS = 10_000;
/** Heartbeats are 5 s ± 10 % apart. */
const BACK_MS = 5_500 + 2_000;
/** The load goes on for so long once all are back, however soon that was. */
const AFTER_MS = 2_500;
const REQUEST_MS = 50;
const LOOK_MS = 200;
const PATIENT = { timeout: 30_000, interval: 100 };

const urlOf = ({ listening }: RunningRole): string => listening['OpenAI API']?.url ?? '';

/** The answer to one chat; rejects with what was wrong. */
async function chat(server: RunningRole, content: string): Promise<string> {
  const response = await fetch(`${urlOf(server)}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'demo', messages: [{ role: 'user', content }] }),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${response.status} ${text}`);
  return JSON.parse(text).choices[0].message.content;
}

/** The instances in the table of an API server that get requests: one that is not listed any more is suspect, the last to be asked. */
async function tableOf(server: RunningRole): Promise<readonly string[]> {
  const text = await (await fetch(`${urlOf(server)}/metrics`)).text();
  const lines = text.matchAll(/^smmf_instance_state\{(.*)\} 1$/gm);
  const ready = [...lines].filter(([, labels = '']) => /state="(?:ready|suspect)"/.test(labels));
  return ready.map(([, labels = '']) => /smmf_instance="([^"]*)"/.exec(labels)?.[1] ?? '').sort();
}

/** 20 requests a second, and looks at the table, for as long as `work` takes. */
async function underLoad(server: RunningRole, work: () => Promise<void>) {
  const failures: string[] = [];
  const tables = new Set<string>();
  const running = new Set<Promise<unknown>>();
  let count = 0;
  const every = (ms: number, task: () => Promise<unknown>): (() => void) => {
    const timer = setInterval(() => {
      const one = task()
        .catch((error: unknown) => failures.push(String(error)))
        .finally(() => running.delete(one));
      running.add(one);
    }, ms);
    return () => clearInterval(timer);
  };
  const ask = async (): Promise<void> => {
    const content = `request ${count++}`;
    const answer = await chat(server, content);
    if (answer !== `echo: ${content}`) failures.push(`"${content}" was answered "${answer}"`);
  };
  const look = async (): Promise<void> => void tables.add((await tableOf(server)).join(' '));
  const ends = [every(REQUEST_MS, ask), every(LOOK_MS, look)];
  try {
    await work();
  } finally {
    for (const end of ends) end();
    await Promise.all(running);
  }
  return { count, failures, tables: [...tables] };
}

/** What a role has logged of its registry, since `from`. */
const ofRegistry = (lines: readonly LogLine[], from = 0): readonly LogLine[] =>
  lines.slice(from).filter(({ level, text }) => level !== 'debug' && text.includes('registry'));

/**
 * A controller, a worker host with two instances and an API server on one registry that is a server of its own: what its faults cost
 * them. Registers tests.
 */
export function clusterOverRegistry({ namespace, ports, open }: ClusterOverRegistry): void {
  const folder = mkdtempSync(join(tmpdir(), 'smmf-over-registry-'));
  const running: RunningRole[] = [];
  const logs = new Map<string, LogLine[]>();
  let server: ServerUnderRoles;
  let api: RunningRole;
  let members: readonly string[] = [];

  async function start(role: RoleName, name: string, own: Partial<Config>): Promise<RunningRole> {
    const lines: LogLine[] = [];
    logs.set(name, lines);
    const shared = { version: 1 as const, cluster: { secrets: ['a secret of the tests'], namespace } };
    const config = { ...shared, registry: server.section(), stateDir: join(folder, name), ...own };
    const one = await createRole(role, config, { logger: recordingLogger(lines) });
    running.push(one);
    return one;
  }

  let controllerUrl = '';
  beforeAll(async () => {
    server = await open(namespace);
    const models = { demo: { engine: ENGINE, replicas: 2 } };
    const controller = await start('controller', 'controller', {
      ...{ controller: { port: 0, id: 'controller' }, admin: { port: 0 }, models },
    });
    controllerUrl = controller.listening['registry and feeds']?.url ?? '';
    await start('worker', 'worker', { join: controllerUrl, worker: { id: 'worker', ports } });
    api = await start('apiserver', 'apiserver', { join: controllerUrl, server: { port: 0 } });
  });

  afterAll(async () => {
    for (const one of running.reverse()) await one.close(500);
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Nothing is lost while `fault` is done to the server and until everybody is listed again; each role says so in few lines. */
  async function costsNothing(fault: () => Promise<void>): Promise<void> {
    const before = new Map([...logs].map(([name, lines]) => [name, lines.length]));
    const isBack = async (): Promise<readonly string[]> => server.listed().catch(() => []);
    const { count, failures, tables } = await underLoad(api, async () => {
      await delay(250);
      await fault();
      await expect.poll(isBack, { timeout: BACK_MS, interval: 50 }).toEqual(members);
      await delay(AFTER_MS);
    });
    expect(failures).toEqual([]);
    expect(count).toBeGreaterThan(40);
    expect(tables).toEqual([INSTANCES.join(' ')]);
    for (const [name, lines] of logs) {
      const said = ofRegistry(lines, before.get(name)).map(({ text }) => text);
      expect(said.length, `${name}: ${said.join('; ')}`).toBeLessThanOrEqual(2);
    }
  }

  it('answers chats, with every member in the registry', async () => {
    await expect.poll(() => tableOf(api), PATIENT).toEqual(INSTANCES);
    await expect.poll(() => server.listed(), PATIENT).toHaveLength(INSTANCES.length + 3);
    members = await server.listed();
    expect(await chat(api, 'hello')).toBe('echo: hello');
  });

  it('loses no request and no instance while the server is killed for 10 s', () =>
    costsNothing(() => server.kill(AWAY_MS)));

  it('loses no request and no instance while the server is stopped for 10 s', () =>
    costsNothing(() => server.pause(AWAY_MS)));

  it('loses no request and no instance when the server starts again empty, and all are listed within a heartbeat and 2 s', () =>
    costsNothing(() => server.wipe()));

  it('names a wrong password in the log, and serves on from the copies', async () => {
    await api.close(500);
    const again = await start('apiserver', 'apiserver', {
      ...{ join: controllerUrl, server: { port: 0 }, registry: server.section('no-password-of-ours') },
    });
    await expect.poll(() => chat(again, 'from the copy'), PATIENT).toBe('echo: from the copy');
    const lines = logs.get('apiserver') ?? [];
    await expect.poll(() => ofRegistry(lines).map(({ fields }) => fields.code), PATIENT).toContain('REGISTRY_AUTH');
    expect(JSON.stringify(lines)).not.toContain('no-password-of-ours');
    const { failures, tables } = await underLoad(again, () => delay(2_000));
    expect({ failures, tables }).toEqual({ failures: [], tables: [INSTANCES.join(' ')] });
  });
}

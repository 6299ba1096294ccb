import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@smmf/core';
import { createDialer, createHttpClient } from '@smmf/net';
import type { InstanceReport, InstanceSpec } from '@smmf/protocol';
import { createModelStore } from '@smmf/sources';
import demo from '@smmf/testkit/demo-engine';
import { expect, onTestFinished } from 'vitest';
import { HostedInstance } from '../../src/host/hosted-instance.ts';
import { processStarter } from '../../src/host/spawned-engine.ts';
import { DEFAULT_TIMINGS, type HostContext } from '../../src/index.ts';
import { createFakeRegistry, type FakeRegistry, type LogLine, recordingLogger, testKeys } from '../host/harness.ts';

export interface RealHost {
  readonly host: HostedInstance;
  readonly registry: FakeRegistry;
  readonly lines: LogLine[];
  readonly views: InstanceReport[];
  readonly socketDir: string;
  until(what: (view: InstanceReport) => boolean, limitMs?: number): Promise<InstanceReport>;
}

/** A host over the real demo engine, closed at the end of the test. */
export async function createRealHost(
  options: object = {},
  more: Partial<HostContext> = {},
  {
    pluginUrl = import.meta.resolve('@smmf/testkit/demo-engine'),
    ...spec
  }: Partial<InstanceSpec> & { readonly pluginUrl?: string } = {},
): Promise<RealHost> {
  const folder = await mkdtemp(join(tmpdir(), 'smmf-'));
  const socketDir = join(folder, 'run');
  const registry = createFakeRegistry();
  const lines: LogLine[] = [];
  const views: InstanceReport[] = [];
  const http = createHttpClient(createDialer());
  const context: HostContext = {
    host: 'host-1',
    registries: [registry],
    keys: testKeys,
    clock: systemClock,
    logger: recordingLogger(lines),
    http,
    store: createModelStore({ http, baseDir: folder, cacheDir: join(folder, 'cache') }),
    socketDir,
    locate: async (wanted) => ({ plugin: demo, pluginUrl, options: wanted.options }),
    onChange: (view) => void views.push(view),
    ...more,
  };
  const whole: InstanceSpec = {
    ...{ id: 'demo-1', generation: 1, model: 'chat', engine: 'demo', plugin: 'demo', options: { ...options } },
    ...{ weight: 1, order: 0, labels: {} },
    ...spec,
  };
  const timings = { ...DEFAULT_TIMINGS, ...context.timings };
  const host = new HostedInstance(whole, context, timings, processStarter(whole, context, timings));
  onTestFinished(async () => {
    await host.close(0);
    await http.close();
    await rm(folder, { recursive: true });
  });
  void host.start();
  const until = async (what: (view: InstanceReport) => boolean, limitMs = 15_000): Promise<InstanceReport> => {
    await expect.poll(() => what(host.report()), { timeout: limitMs, interval: 10 }).toBe(true);
    return host.report();
  };
  return { host, registry, lines, views, socketDir, until };
}

export const isReady = ({ state }: InstanceReport): boolean => state === 'ready';

/** The process that serves an instance: the one whose socket it is. */
export function pidOf({ lines }: RealHost): number {
  const pids = lines.flatMap(({ text, fields }) => (text === 'engine process started' ? [Number(fields.pid)] : []));
  const pid = pids.at(-1);
  if (pid === undefined) throw new Error('No engine process has been started');
  return pid;
}

/** Processes of a group that are still there, zombies apart. Linux only. */
export function groupMembers(group: number): number[] {
  if (!existsSync('/proc')) return [];
  return readdirSync('/proc').flatMap((name) => {
    try {
      const [, state, , pgrp] =
        / \S+ \((?:.*)\) (\S) (\S+) (\S+)/.exec(` ${readFileSync(`/proc/${name}/stat`, 'utf8')}`) ?? [];
      return Number(pgrp) === group && state !== 'Z' ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly isBroken: boolean;
}

/** Sends a request to an instance's address. `onData` may look at the stream and destroy it. */
export async function ask(
  { address }: InstanceReport,
  body: object,
  { path = '/v1/chat/completions', onData = (_: IncomingMessage) => {}, headers: more = {} } = {},
): Promise<Answer> {
  if (!address) throw new Error('The instance has no address');
  const { url, socketPath } = address;
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', ...more };
    const options = { method: 'POST', headers, agent: false, ...(socketPath ? { socketPath } : {}) };
    const outgoing = request(new URL(path, url), options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => {
        text += piece;
        onData(response);
      });
      response.on('error', () => undefined);
      response.on('close', () => resolve({ status: response.statusCode ?? 0, text, isBroken: !response.complete }));
    });
    outgoing.on('error', reject);
    outgoing.end(JSON.stringify({ model: 'chat', ...body }));
  });
}

export const say = (content: string, more: object = {}): object => ({ messages: [{ role: 'user', content }], ...more });

import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ClusterKeys, within } from '@smmf/cluster';
import { isSmmfError, SmmfError } from '@smmf/core';
import type { Address, InstanceSpec, ModelSource } from '@smmf/protocol';
import { engineHealth, type Fault, type ToEngine, type ToHost, toHost } from '../engine/messages.ts';
import { sourceFlags } from '../source-flags.ts';
import { engineEnvironment } from './engine-environment.ts';
import type { EngineListener, EngineProbe, EngineRun, StartEngine } from './engine-run.ts';
import { fetchModel } from './fetch-model.ts';
import type { HostContext, LocatedEngine, TakenPort } from './host-context.ts';
import { createOutputRing, type OutputRing } from './output-ring.ts';
import type { HostTimings } from './timings.ts';

/** The address in a record holds at most this many. */
const MAX_SOCKET_PATH = 100;
/** After its end a process's last lines are waited for so long. */
const OUTPUT_LIMIT_MS = 250;
/** Limit of finding and loading the plugin. */
const LOCATE_LIMIT_MS = 60_000;
/** Longest answer to a probe. */
const HEALTH_LIMIT_BYTES = 256 * 1024;
/** Beyond the drain's own limit: the answer of the process. */
const DRAIN_SLACK_MS = 1_000;

/** Starts an engine in a process of its own. */
export function processStarter(spec: InstanceSpec, context: HostContext, timings: HostTimings): StartEngine {
  return async (epoch, listener) => {
    const located = await within(context.clock, LOCATE_LIMIT_MS, 'loading the plugin', () => context.locate(spec));
    const { listen } = context;
    const taken = typeof listen === 'object' ? await listen.take() : undefined;
    return new SpawnedEngine(spec, { ...located, taken }, context, timings, epoch, listener);
  };
}

class SpawnedEngine implements EngineRun {
  readonly #spec: InstanceSpec;
  readonly #context: HostContext;
  readonly #timings: HostTimings;
  readonly #listener: EngineListener;
  readonly #child: ChildProcess;
  readonly #output: OutputRing;
  readonly #fetching = new AbortController();
  readonly #socketPath: string | undefined;
  readonly #exited = Promise.withResolvers<void>();
  readonly #drained = Promise.withResolvers<void>();
  /** Of the key that its callers must bring; a socket needs none, as only this user can open it. */
  readonly #keyId: string | undefined;
  readonly #taken: TakenPort | undefined;
  #address: Address | undefined;
  #fault: Fault | undefined;
  #killedFor: string | undefined;
  #stopped: Promise<void> | undefined;

  constructor(
    spec: InstanceSpec,
    located: LocatedEngine & { readonly taken: TakenPort | undefined },
    context: HostContext,
    timings: HostTimings,
    epoch: number,
    listener: EngineListener,
  ) {
    this.#spec = spec;
    this.#context = context;
    this.#timings = timings;
    this.#listener = listener;
    const logger = context.logger.child({ instance: spec.id });
    this.#output = createOutputRing((line) => {
      logger.debug({ line }, 'engine output');
      context.onEngineLine?.(spec.id, line);
    });
    this.#socketPath = socketPathFor(spec.id, epoch, context);
    this.#taken = located.taken;
    if (this.#socketPath === undefined) this.#keyId = context.keys.engineKeyId(randomBytes(12).toString('base64url'));
    this.#child = spawn(
      process.execPath,
      [...sourceFlags(), fileURLToPath(import.meta.resolve('@smmf/worker/engine'))],
      {
        // A process group of its own: a Ctrl-C in the terminal must not end it before it is drained.
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
        env: engineEnvironment(context.env ?? process.env, spec.slots, process.platform, located.plugin.poolThreads),
        windowsHide: true,
      },
    );
    this.#output.attach(this.#child.stdout);
    this.#output.attach(this.#child.stderr);
    this.#child.on('message', (value) => {
      const parsed = toHost.safeParse(value);
      if (parsed.success) this.#on(parsed.data);
      else logger.warn({ reason: parsed.error.message }, 'engine sent a message of no known kind');
    });
    this.#child.once('error', (error) => this.#gone(`its process could not be started: ${error.message}`));
    this.#child.once('exit', (code, signal) => this.#gone(signal ? `signal ${signal}` : `exit code ${code}`));
    logger.debug({ pid: this.#child.pid, epoch }, 'engine process started');
    this.#send(this.#order(located));
  }

  async probe(signal: AbortSignal): Promise<EngineProbe> {
    if (!this.#address) throw new SmmfError('UNREACHABLE', 'not started yet');
    const { url, socketPath } = this.#address;
    const where = new URL('/healthz', url).href;
    const answer = await this.#context.http.get(where, signal, { socketPath, bodyLimitBytes: HEALTH_LIMIT_BYTES });
    if (answer.status !== 200) throw new SmmfError('UNREACHABLE', `it answered its probe with status ${answer.status}`);
    const health = engineHealth.parse(answer.json);
    const { reason, load, ...rest } = health;
    if (!health.live) throw new SmmfError('UNREACHABLE', reason ?? 'it says that it is not alive');
    return { ...rest, ...(reason === undefined ? {} : { reason }), ...(load ? { load } : {}) };
  }

  async drain(limitMs: number): Promise<void> {
    if (!this.#address || !this.#send({ type: 'drain', limitMs })) return;
    const done = Promise.race([this.#drained.promise, this.#exited.promise]);
    await within(this.#context.clock, limitMs + DRAIN_SLACK_MS, 'the drain', () => done).catch(() => undefined);
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  kill(why: string): void {
    this.#killedFor ??= why;
    this.#killGroup();
  }

  #order({ pluginUrl, options }: LocatedEngine): ToEngine {
    const { id: instanceId, model, slots } = this.#spec;
    const { egress, authorities, keys, listen } = this.#context;
    const socketPath = this.#socketPath;
    const ports = typeof listen === 'object' ? listen : undefined;
    const { host = '127.0.0.1', tls } = ports ?? {};
    return {
      ...{ type: 'start', instanceId, model, pluginUrl, options },
      listen: socketPath === undefined ? { port: this.#taken?.port ?? 0, host } : { socketPath },
      ...(this.#keyId === undefined ? {} : proven(keys, instanceId, this.#keyId)),
      ...(slots === undefined ? {} : { slots }),
      ...(egress === undefined ? {} : { egress: { allow: [...egress.allow], deny: [...egress.deny] } }),
      ...(authorities === undefined ? {} : { authorities: [...authorities] }),
      ...(tls === undefined ? {} : { tls }),
    };
  }

  async #stop(): Promise<void> {
    this.#fetching.abort();
    this.#send({ type: 'stop' });
    const { clock } = this.#context;
    try {
      await within(clock, this.#timings.stopLimitMs, 'the stop', () => this.#exited.promise);
    } catch {
      this.#killGroup();
      await this.#exited.promise;
    }
  }

  #on(message: ToHost): void {
    const { logger } = this.#context;
    if (message.type === 'fetch') void this.#fetch(message.id, message.source);
    else if (message.type === 'failed') this.#fault = message.fault;
    else if (message.type === 'leaving') this.#listener.onLeaving();
    else if (message.type === 'drained') this.#drained.resolve();
    else if (message.type === 'log') {
      logger[message.level]({ instance: this.#spec.id, ...message.fields }, message.text);
      this.#context.onEngineLine?.(this.#spec.id, `${message.level}: ${message.text}${fieldsText(message.fields)}`);
    } else {
      const { models, slots } = message;
      this.#address = this.#addressOf(message);
      this.#listener.onUp({ models, slots, address: this.#address });
    }
  }

  #addressOf({ url, socketPath }: Extract<ToHost, { type: 'up' }>): Address {
    if (socketPath !== undefined) return { url: `${url}/v1`, socketPath, node: hostname() };
    const { listen } = this.#context;
    const origin = typeof listen === 'object' && this.#taken ? `${listen.advertise}:${this.#taken.port}` : url;
    return { url: `${origin}/v1`, node: hostname(), ...(this.#keyId === undefined ? {} : { keyId: this.#keyId }) };
  }

  async #fetch(id: number, source: ModelSource): Promise<void> {
    const { signal } = this.#fetching;
    try {
      const onProgress = (text: string): void => this.#listener.onProgress(text);
      const path = await fetchModel(source, this.#spec, this.#context, signal, onProgress);
      this.#send({ type: 'file', id, path });
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      const fault: Fault = { code: isSmmfError(error) ? error.code : 'SOURCE_UNAVAILABLE', message: text };
      this.#send({ type: 'no-file', id, fault });
    }
  }

  /** False when nobody is there to hear it. */
  #send(message: ToEngine): boolean {
    if (!this.#child.connected) return false;
    // Without a callback a process that dies meanwhile would be an uncaught error here.
    this.#child.send(message, () => undefined);
    return true;
  }

  #gone(how: string): void {
    this.#killGroup();
    this.#fetching.abort();
    if (this.#socketPath !== undefined) rmSync(this.#socketPath, { force: true });
    this.#taken?.free();
    this.#exited.resolve();
    if (this.#stopped !== undefined) return;
    this.#listener.onLost();
    let isTold = false;
    const tell = (): void => {
      if (isTold) return;
      isTold = true;
      cancel();
      const error = this.#fault && new SmmfError(this.#fault.code, this.#fault.message);
      const why = this.#killedFor === undefined ? how : `it was killed: ${this.#killedFor}`;
      this.#listener.onEnd({ how: why, error, output: this.#output.lines() });
    };
    const cancel = this.#context.clock.after(OUTPUT_LIMIT_MS, tell);
    this.#child.once('close', tell);
  }

  /** Ends whatever is left of the process's group. */
  #killGroup(): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      if (process.platform === 'win32') this.#child.kill('SIGKILL');
      else process.kill(-pid, 'SIGKILL');
    } catch {
      // Nothing is left of it.
    }
  }
}

/** What an engine on a port asks its callers for, and with which it proves who it is. */
const proven = (keys: ClusterKeys, instance: string, keyId: string) => ({
  key: keys.engineKey(keyId).reveal(),
  identityKey: keys.identityKey(instance, keyId).reveal(),
});

/** What a line of the engine's own log says besides its text. */
const fieldsText = (fields: object): string => (Object.keys(fields).length === 0 ? '' : ` ${JSON.stringify(fields)}`);

/** A path of its own for each start, in a folder for this user alone; undefined where a port must do. */
function socketPathFor(instanceId: string, epoch: number, context: HostContext): string | undefined {
  const { socketDir, listen = process.platform === 'win32' ? 'loopback' : 'socket' } = context;
  const name = createHash('sha256').update(instanceId).digest('hex').slice(0, 12);
  const path = join(socketDir, `${name}-${epoch}.sock`);
  if (listen !== 'socket' || Buffer.byteLength(path) >= MAX_SOCKET_PATH) return undefined;
  mkdirSync(socketDir, { recursive: true, mode: 0o700 });
  chmodSync(socketDir, 0o700);
  rmSync(path, { force: true });
  return path;
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type CountingProxy, countingProxy } from './counting-proxy.ts';
import { load } from './load.ts';
import { ASKED_INSTANCES, type Size } from './plan.ts';
import { Program } from './programs.ts';
import type { ReadState } from './reader-program.ts';

/** How long each part is measured. */
export interface MeasurePlan {
  readonly firstReads: number;
  readonly changes: number;
  /** How long heartbeats alone are listened to, milliseconds. */
  readonly quietMs: number;
  readonly pairs: number;
  /** Of each half of a pair, a second each. */
  readonly slices: number;
}

/** What was measured. */
export interface Measured {
  /** First snapshots, in processes that have read records before, and in fresh ones. */
  readonly first: readonly ReadState[];
  readonly cold: readonly ReadState[];
  readonly changes: readonly ReadState[];
  readonly quiet: { readonly states: number; readonly bytesPerS: number };
  /** Requests of the large cluster as shares of the small one's, pair by pair; and answers that were wrong. */
  readonly load: { readonly rates: readonly number[]; readonly wrong: number };
  /** From the start of a controller that lost everything until all records are listed in it, milliseconds. */
  readonly relistedMs: number;
  /** Instances that a reader gave up meanwhile. */
  readonly lost: number;
}

export const LARGE: Size = { records: 1_024, models: 1_000 };
const SMALL: Size = { records: ASKED_INSTANCES, models: 1 };
/** Processes that hold the records of the large cluster. */
const HOLDERS = 4;
/** Between two changes, milliseconds. */
const PAUSE_MS = 100;
const WARM_MS = 2_000;
const SLICE_MS = 1_000;

const isWhole = ({ instances }: ReadState): boolean => instances === LARGE.records;

interface Cluster {
  readonly size: Size;
  readonly stateDir: string;
  controller: Program;
  readonly holders: readonly Program[];
}

/** Sets the two clusters up on loopback, measures them, and takes all away. */
export async function measure(plan: MeasurePlan, say: (text: string) => void): Promise<Measured> {
  const run = new Run(plan);
  try {
    return await run.measure(say);
  } finally {
    await run.close();
  }
}

class Run {
  readonly #plan: MeasurePlan;
  readonly #folder = mkdtempSync(join(tmpdir(), 'smmf-large-'));
  readonly #programs: Program<unknown>[] = [];
  readonly #proxies: CountingProxy[] = [];

  constructor(plan: MeasurePlan) {
    this.#plan = plan;
  }

  async measure(say: (text: string) => void): Promise<Measured> {
    const engine = await this.#start('engine');
    const large = await this.#cluster('large', LARGE, engine.port);
    const proxy = await countingProxy(large.controller.port);
    this.#proxies.push(proxy);
    const reader = await this.#start<ReadState>('reader', proxy.port, LARGE.models);
    await reader.until(isWhole);
    const first = await this.#first(large);
    say('first snapshots read');
    const changes = await this.#changes(large, reader);
    say('changes read');
    const quiet = await this.#quiet(reader, proxy);
    say('heartbeats heard');
    const small = await this.#cluster('small', SMALL, engine.port);
    const loaded = await this.#load(large, small);
    say('requests answered');
    return { ...first, changes, quiet, load: loaded, ...(await this.#loss(large, reader)) };
  }

  async close(): Promise<void> {
    for (const program of this.#programs.reverse()) await program.end();
    for (const proxy of this.#proxies) proxy.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #start<Message = never>(name: string, ...args: readonly (string | number)[]): Promise<Program<Message>> {
    const program = await Program.start<Message>(name, ...args);
    this.#programs.push(program);
    return program;
  }

  async #cluster(name: string, size: Size, engine: number): Promise<Cluster> {
    const stateDir = join(this.#folder, name);
    const controller = await this.#start('controller', stateDir, size.models);
    const share = size.records / HOLDERS;
    const holders: Program[] = [];
    for (let at = 0; at < HOLDERS; at++) {
      const part = [at * share, (at + 1) * share];
      holders.push(await this.#start('records', controller.port, size.models, ...part, engine));
    }
    return { size, stateDir, controller, holders };
  }

  /** All records at once, by a reader that knows none of them; and by one in a process that has never read any. */
  async #first({ controller, size }: Cluster): Promise<Pick<Measured, 'first' | 'cold'>> {
    const first: ReadState[] = [];
    const cold: ReadState[] = [];
    for (let read = 0; read < this.#plan.firstReads; read++) {
      const reader = await this.#start<ReadState>('reader', controller.port, size.models);
      cold.push(await reader.until(isWhole));
      const from = reader.messages.length;
      reader.say('again');
      first.push(await reader.until(isWhole, from));
      await reader.end();
    }
    return { first, cold };
  }

  async #changes({ holders }: Cluster, reader: Program<ReadState>): Promise<ReadState[]> {
    const from = reader.messages.length;
    for (let change = 1; change <= this.#plan.changes; change++) {
      holders[change % HOLDERS]?.say('change');
      await reader.until(() => reader.messages.length >= from + change);
      await delay(PAUSE_MS);
    }
    return reader.messages.slice(from);
  }

  async #quiet(reader: Program<ReadState>, proxy: CountingProxy): Promise<Measured['quiet']> {
    const [from, bytes] = [reader.messages.length, proxy.bytes];
    await delay(this.#plan.quietMs);
    return {
      states: reader.messages.length - from,
      bytesPerS: ((proxy.bytes - bytes) * 1_000) / this.#plan.quietMs,
    };
  }

  async #load(largeOne: Cluster, smallOne: Cluster): Promise<Measured['load']> {
    const start = ({ controller, size }: Cluster): Promise<Program> =>
      this.#start('server', join(this.#folder, `server-${size.records}`), controller.port);
    const servers = { large: await start(largeOne), small: await start(smallOne) };
    let wrong = 0;
    const slice = async (server: Program, durationMs: number): Promise<number> => {
      const done = await load(server.port, durationMs);
      wrong += done.wrong;
      return done.answered;
    };
    await delay(WARM_MS);
    for (const server of [servers.large, servers.small]) await slice(server, WARM_MS);
    const rates: number[] = [];
    for (let pair = 0; pair < this.#plan.pairs; pair++) {
      const answered = { large: 0, small: 0 };
      // Large, small, small, large: whatever else the machine does takes from both.
      for (let at = 0; at < 2 * this.#plan.slices; at++) {
        const which = at % 4 === 0 || at % 4 === 3 ? 'large' : 'small';
        answered[which] += await slice(servers[which], SLICE_MS);
      }
      rates.push(answered.large / answered.small);
    }
    for (const server of [servers.large, servers.small]) await server.end();
    return { rates, wrong };
  }

  /** A controller that has lost everything, until a reader that knows nothing sees all records in it. */
  async #loss(cluster: Cluster, reader: Program<ReadState>): Promise<Pick<Measured, 'relistedMs' | 'lost'>> {
    const { port } = cluster.controller;
    const from = reader.messages.length;
    await cluster.controller.end('SIGKILL');
    rmSync(cluster.stateDir, { recursive: true, force: true });
    cluster.controller = await this.#start('controller', cluster.stateDir, cluster.size.models, port);
    const startMs = performance.now();
    const fresh = await this.#start<ReadState>('reader', port, cluster.size.models);
    await fresh.until(isWhole);
    const relistedMs = performance.now() - startMs;
    await reader.until(isWhole, from);
    const kept = reader.messages.slice(from).map((state) => state.kept);
    return { relistedMs, lost: LARGE.records - Math.min(LARGE.records, ...kept) };
  }
}

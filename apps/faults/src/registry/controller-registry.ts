import { rmSync } from 'node:fs';
import { answers } from '../cluster/http.ts';
import type { Member } from '../cluster/layout.ts';
import { until } from '../cluster/until.ts';
import type { RegistryFace } from './registry-face.ts';
import type { RegistryProxy } from './registry-proxy.ts';

const START_MS = 30_000;

/** The registry that the controllers of a cluster are, with a proxy before each. */
export class ControllerRegistry implements RegistryFace {
  readonly #controllers: readonly Member[];
  readonly #proxies: readonly RegistryProxy[];

  constructor(controllers: readonly Member[], proxies: readonly RegistryProxy[]) {
    this.#controllers = controllers;
    this.#proxies = proxies;
  }

  async kill(): Promise<void> {
    for (const { program } of this.#controllers) await program.kill();
  }

  async start(): Promise<void> {
    for (const { program } of this.#controllers) program.start();
    await until('every controller answers', START_MS, () => this.#all());
  }

  async pause(isPaused: boolean): Promise<void> {
    for (const { program } of this.#controllers) program.signal(isPaused ? 'SIGSTOP' : 'SIGCONT');
  }

  async wipe(): Promise<void> {
    await this.kill();
    for (const { stateDir } of this.#controllers) rmSync(stateDir, { recursive: true, force: true });
    await this.start();
  }

  async answers(): Promise<boolean> {
    return (await this.#looks()).some(Boolean);
  }

  empty(isEmpty: boolean): void {
    for (const proxy of this.#proxies) proxy.isEmpty = isEmpty;
  }

  get emptyAnswers(): number {
    return this.#proxies.reduce((sum, { emptyAnswers }) => sum + emptyAnswers, 0);
  }

  /** What each of them lists. */
  async listed(): Promise<readonly string[] | undefined> {
    const [first = [], ...others] = await Promise.all(this.#proxies.map((proxy) => proxy.listed()));
    return others.reduce<readonly string[]>((ids, list) => ids.filter((id) => list?.includes(id)), first);
  }

  async close(): Promise<void> {
    for (const proxy of this.#proxies) proxy.close();
  }

  #looks(): Promise<readonly boolean[]> {
    return Promise.all(this.#controllers.map(({ url }) => answers(`${url}/healthz`)));
  }

  async #all(): Promise<boolean> {
    return (await this.#looks()).every(Boolean);
  }
}

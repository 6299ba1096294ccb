import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Program } from '../cluster/program.ts';
import { until } from '../cluster/until.ts';
import type { Backend } from './backends.ts';
import type { RegistryFace } from './registry-face.ts';
import { TcpSwitch } from './tcp-switch.ts';

const START_MS = 30_000;

/** Ports that an {@link OutsideRegistry} takes in a row. */
export const REGISTRY_PORTS = 5;

/** A registry server outside of SMMF, and a second one, empty, to which API servers can be led. */
export class OutsideRegistry implements RegistryFace {
  readonly #backend: Backend;
  readonly #port: number;
  readonly #data: string;
  readonly #real: Program;
  readonly #other: Program;
  readonly #otherPort: number;
  readonly #switch: TcpSwitch;

  private constructor(backend: Backend, first: number, folder: string, change: TcpSwitch) {
    this.#backend = backend;
    this.#port = first;
    this.#otherPort = first + 2;
    this.#data = join(folder, 'registry');
    this.#real = this.#program('registry', first, first + 1, folder);
    this.#other = this.#program('registry-empty', this.#otherPort, first + 3, folder);
    this.#switch = change;
  }

  /** Starts both, with their ports from `first` on; the API servers' own is the last of them. */
  static async start(backend: Backend, first: number, folder: string): Promise<OutsideRegistry> {
    const change = await TcpSwitch.listen(first + REGISTRY_PORTS - 1, { real: first, other: first + 2 });
    const made = new OutsideRegistry(backend, first, folder, change);
    made.#other.start();
    await made.start();
    await until('the empty registry answers', START_MS, () => backend.answers(made.#otherPort));
    return made;
  }

  async kill(): Promise<void> {
    await this.#real.kill();
  }

  async start(): Promise<void> {
    mkdirSync(this.#data, { recursive: true });
    this.#real.start();
    await until('the registry answers', START_MS, () => this.answers());
  }

  async pause(isPaused: boolean): Promise<void> {
    this.#real.signal(isPaused ? 'SIGSTOP' : 'SIGCONT');
  }

  async wipe(): Promise<void> {
    await this.kill();
    rmSync(this.#data, { recursive: true, force: true });
    await this.start();
  }

  answers(): Promise<boolean> {
    return this.#backend.answers(this.#port);
  }

  empty(isEmpty: boolean): void {
    this.#switch.isOther = isEmpty;
  }

  get emptyAnswers(): number {
    return this.#switch.misled;
  }

  listed(): Promise<readonly string[] | undefined> {
    return this.#backend.listed(this.#port);
  }

  async close(): Promise<void> {
    this.#switch.close();
    await this.#real.kill();
    await this.#other.kill();
  }

  #program(name: string, port: number, spare: number, folder: string): Program {
    const data = join(folder, name);
    mkdirSync(data, { recursive: true });
    const [command, ...args] = this.#backend.command(port, spare, data);
    return new Program({ name, command, args, log: join(folder, `${name}.log`) });
  }
}

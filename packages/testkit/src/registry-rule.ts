import assert from 'node:assert/strict';
import { isSmmfError, type Registry, type Snapshot } from '@smmf/core';
import { type ContractRule, UNSAID } from './registry-contract.ts';
import { limitOf, type RegistryBackend, type RegistryFaults, type RegistrySubject } from './registry-subject.ts';
import { overFresh, type Rule } from './suite.ts';

/** Between two looks at what is waited for, milliseconds. */
const LOOK_MS = 50;
/** Watchers may be told of changes together, this much later. */
export const COALESCE_MS = 150;
/** A watcher sees a change within so many milliseconds. */
export const NOTICE_MS = 1_000;
/** How soon a client works again after a fault is over, milliseconds: the longest pause between two attempts to connect. */
export const RECOVER_MS = 10_000;

/** A rule of a registry. */
export interface RegistryRule extends Rule<RegistrySubject> {
  /** The rules of the contract that it holds a part of; none for what goes beyond them. */
  readonly contract: readonly ContractRule[];
}

/** Resolves with the reason where the rule does not concern the backend. */
type Work = (registry: Registry, subject: RegistrySubject, backend: RegistryBackend) => Promise<string | undefined>;

/** Makes a rule for one client, or for a backend with as many as it asks for. */
export function registryRule(contract: readonly ContractRule[], name: string, work: Work): RegistryRule {
  const check = (subject: RegistrySubject) =>
    overFresh(
      {
        name,
        limitMs: limitOf(subject),
        create: () => subject.create(),
        close: (backend) => backend.close(),
      },
      async (backend) => work(await backend.client(), subject, backend),
    );
  return { contract, name, check };
}

type FaultWork<Fault extends keyof RegistryFaults> = (
  fault: NonNullable<RegistryFaults[Fault]>,
  registry: Registry,
  subject: RegistrySubject,
  backend: RegistryBackend,
) => Promise<void>;

/** A rule about one fault; where the backend cannot have it, nothing is checked. */
export function faultRule<Fault extends keyof RegistryFaults>(
  contract: readonly ContractRule[],
  name: string,
  fault: Fault,
  work: FaultWork<Fault>,
): RegistryRule {
  return registryRule(contract, name, async (registry, subject, backend) => {
    const lacks = lacksFor(fault, registry);
    if (lacks !== undefined) return lacks;
    const given = backend.faults[fault];
    if (given === undefined) return `${UNSAID} (${fault})`;
    if (typeof given === 'string') return given;
    await work(given as NonNullable<RegistryFaults[Fault]>, registry, subject, backend);
  });
}

/** The capability without which a fault means nothing. */
function lacksFor(fault: keyof RegistryFaults, { capabilities }: Registry): string | undefined {
  if (fault === 'restart' && !capabilities.persistent) return 'persistent: false';
  if (fault === 'stranger' && !capabilities.auth) return 'auth: false';
}

/** The limit of one call in the suite. */
export const signal = (): AbortSignal => AbortSignal.timeout(5_000);

/** Ids of what a snapshot shows. */
export const ids = (snapshot: Snapshot | undefined): string[] | undefined =>
  snapshot?.entries.map(({ id }) => id).sort();

/** Holds that `work` rejects with the code. */
export async function rejectsWith(code: string, work: Promise<unknown>): Promise<void> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(isSmmfError(error) && error.code === code, `expected ${code}, got ${String(error)}`);
}

/** Time as it passes for a subject from now on: what its clock was moved by, or what has really passed where that is more. */
export class Stopwatch {
  readonly #subject: RegistrySubject;
  readonly #startMs = performance.now();
  #advancedMs = 0;

  constructor(subject: RegistrySubject) {
    this.#subject = subject;
  }

  /** Milliseconds since it was made. */
  get ms(): number {
    return Math.max(this.#advancedMs, performance.now() - this.#startMs);
  }

  /** Whether the time that passes is the machine's. */
  get isRealTime(): boolean {
    return performance.now() - this.#startMs > 0.9 * this.#advancedMs;
  }

  async advance(ms: number): Promise<void> {
    await this.#subject.advance(ms);
    this.#advancedMs += ms;
  }

  /** Lets time pass until `isSo` holds; fails with `what` where it does not before the stopwatch shows `limitMs`. */
  async until(limitMs: number, what: () => string, isSo: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await isSo())) {
      assert.ok(this.ms < limitMs, `not within ${limitMs} ms: ${what()}`);
      await this.advance(LOOK_MS);
    }
  }
}

/** What a watcher was told. */
export class Watched {
  readonly seen: Snapshot[] = [];
  readonly stop: () => void;
  readonly #subject: RegistrySubject;

  constructor(registry: Registry, subject: RegistrySubject) {
    this.#subject = subject;
    this.stop = registry.watch((snapshot) => this.seen.push(snapshot));
  }

  get last(): Snapshot | undefined {
    return this.seen.at(-1);
  }

  /** Waits until the last snapshot shows exactly these ids, or is so; resolves with how long that took, milliseconds. */
  async shows(expected: readonly string[] | ((last: Snapshot) => boolean), limitMs = NOTICE_MS): Promise<number> {
    const time = new Stopwatch(this.#subject);
    const isSo =
      typeof expected === 'function'
        ? expected
        : (last: Snapshot) => JSON.stringify(ids(last)) === JSON.stringify([...expected].sort());
    const what = (): string => {
      const wanted = typeof expected === 'function' ? 'the change' : JSON.stringify(expected);
      return `a watcher shows ${wanted}; it was last told of ${this.last ? JSON.stringify(ids(this.last)).slice(0, 300) : 'nothing'}`;
    };
    await time.until(limitMs, what, () => this.last !== undefined && isSo(this.last));
    return time.ms;
  }
}

import type { Balancer, Candidate, PickInfo, PickOutcome } from '@smmf/core';
import { createLeastOutstanding } from './balancers/least-outstanding.ts';
import { ignore, isThenable } from './thenable.ts';

/**
 * A balancer whose faults hurt nobody: what throws, answers late or answers something else is replaced by the least loaded
 * candidate and told to `onFault`.
 */
export class GuardedBalancer {
  readonly inner: Balancer;
  readonly #onFault: (cause: unknown) => void;
  readonly #substitute = createLeastOutstanding();

  constructor(inner: Balancer, onFault: (cause: unknown) => void) {
    this.inner = inner;
    this.#onFault = onFault;
  }

  /** One of `candidates`, which are two or more. */
  pick(candidates: readonly Candidate[], info: PickInfo): Candidate | undefined {
    try {
      const picked: unknown = this.inner.pick(candidates, info);
      const found = candidates.find((candidate) => candidate === picked);
      if (found) return found;
      if (isThenable(picked)) ignore(picked);
      this.#onFault(new Error(isThenable(picked) ? 'pick returned a promise' : 'pick returned none of the candidates'));
    } catch (cause) {
      this.#onFault(cause);
    }
    return this.#substitute.pick(candidates, info);
  }

  /** A call that went to `candidate` has ended. */
  done(candidate: Candidate, outcome: PickOutcome): void {
    try {
      const returned: unknown = this.inner.done?.(candidate, outcome);
      if (isThenable(returned)) ignore(returned);
    } catch (cause) {
      this.#onFault(cause);
    }
  }
}

import type { Command, InstanceView, Operation } from '@smmf/protocol';

/** The control plane: desired state, commands, views. */
export interface Controller {
  instances(): readonly InstanceView[];
  /**
   * Takes an order; what takes long goes on afterwards, as an operation that runs.
   * @throws NOT_FOUND for an unknown instance
   */
  apply(command: Command): Promise<Operation>;
  /** The newest operations, at most 100, the newest first. */
  operations(): readonly Operation[];
  /** Calls `listener` after every change of an instance; returns its end. */
  watch(listener: (instances: readonly InstanceView[]) => void): () => void;
}

import type { Command, InstanceView, Operation } from '@smmf/protocol';

/** The control plane: desired state, commands, views. */
export interface Controller {
  instances(): readonly InstanceView[];
  /** @throws NOT_FOUND for an unknown instance */
  apply(command: Command): Promise<Operation>;
  /** Calls `listener` after every change of an instance; returns its end. */
  watch(listener: (instances: readonly InstanceView[]) => void): () => void;
}

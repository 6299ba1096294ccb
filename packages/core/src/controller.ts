import type { Command, InstanceView, Operation, ServedModel } from '@smmf/protocol';

/** The control plane: desired state, commands, views. */
export interface Controller {
  models(): Promise<readonly ServedModel[]>;
  /** Every wanted instance as it stands now: whoever runs it is asked, for a second at most. */
  instances(): Promise<readonly InstanceView[]>;
  /**
   * Takes an order; what takes long goes on afterwards, as an operation that runs.
   * @throws NOT_FOUND for an unknown instance
   */
  apply(command: Command): Promise<Operation>;
  /** The newest operations, at most 100, the newest first. */
  operations(): readonly Operation[];
}

import type { Command, EngineLog, InstanceView, LogQuery, Operation, ServedModel } from '@smmf/protocol';

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
  /**
   * What the engine of an instance wrote last: whoever runs it is asked.
   * @throws NOT_FOUND for an unknown instance, and for an upstream, whose log is where it runs
   */
  logs(instance: string, query: LogQuery): Promise<EngineLog>;
  /** The newest operations, at most 100, the newest first. */
  operations(): readonly Operation[];
}

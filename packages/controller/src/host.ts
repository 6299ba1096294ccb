import type { InstanceView } from '@smmf/protocol';

/** What a host knows of its instance: everything but what the operator ordered. */
export type HostView = Omit<InstanceView, 'administrative'>;

/** The part of a worker host that the controller works with. */
export interface ControlledHost {
  view(): HostView;
  start(): void;
  restart(limitMs?: number): Promise<void>;
  close(limitMs: number): Promise<void>;
}

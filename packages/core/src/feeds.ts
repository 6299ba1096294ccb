import type { InstanceRecord } from '@smmf/protocol';

/** Every announced instance at one moment, as far as the registry could tell. Whoever follows it gets it whole each time. */
export interface InstanceFeed {
  /** As in a registry's snapshot: revisions compare within one generation only. */
  readonly generation: string;
  readonly revision: number;
  /** False when something may be missing: what is not in it may be there all the same. */
  readonly complete: boolean;
  /** When it was true, milliseconds of the Unix epoch. */
  readonly asOfMs: number;
  readonly instances: readonly InstanceRecord[];
}

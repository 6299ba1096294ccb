import { type ClusterRecord, RecordAnnouncer } from '@smmf/cluster';
import type { MemberKind, MemberRecord } from '@smmf/protocol';
import { DEFAULT_TIMINGS, type EpochStore } from '@smmf/worker';
import { VERSION } from '../version.ts';
import type { RoleContext } from './role-context.ts';

/** What a member says of itself besides who it is. */
export type MemberFacts = Partial<Omit<MemberRecord, 'id' | 'epoch' | 'state' | 'version' | 'startedAtMs'>>;

/** Which member it is. */
export interface PresenceConfig {
  readonly kind: MemberKind;
  readonly id: string;
  /** Counters of its starts that outlive the process; absent for a member whose id is new with each start. */
  readonly epochs?: EpochStore | undefined;
}

/** Between two attempts to learn of the last start from a registry, milliseconds. */
const RETRY_MS = 1_000;

/** The record of one member: there from its start until it has left, in every registry. */
export class Presence {
  readonly #config: PresenceConfig;
  readonly #context: RoleContext;
  readonly #announcer: RecordAnnouncer;
  #record: MemberRecord;
  #knowsEpoch: boolean;
  #isLeft = false;
  #cancelRetry = (): void => undefined;

  constructor(config: PresenceConfig, context: RoleContext) {
    const { registries, keys, clock, logger } = context;
    this.#config = config;
    this.#context = context;
    this.#knowsEpoch = config.epochs === undefined;
    this.#announcer = new RecordAnnouncer(config.kind, {
      ...{ registries, keys, clock, logger, timings: DEFAULT_TIMINGS },
      onSuperseded: (epoch, holder) => this.#superseded(epoch, holder),
    });
    const none = { labels: {}, engines: [], keyPrints: [], primary: false, plain: false };
    const epoch = 1 + (config.epochs?.last(config.id) ?? 0);
    this.#record = { id: config.id, epoch, state: 'up', version: VERSION, ...none, startedAtMs: clock.wallMs() };
  }

  /** How often a registry had lost its record without its doing. */
  get lost(): number {
    return this.#announcer.lost;
  }

  /** Announces the member, with an epoch above every one that is known; a registry that is away is not waited for. */
  async begin(facts: MemberFacts): Promise<void> {
    this.#record = { ...this.#record, ...facts };
    if (!this.#knowsEpoch) await this.#learn();
    if (!this.#isLeft) this.#announcer.announce(this.#record);
  }

  /** It takes no new work, and goes soon. */
  leaving(): void {
    if (this.#isLeft) return;
    this.#record = { ...this.#record, state: 'leaving' };
    this.#announcer.announce(this.#record);
  }

  /** The end: a tombstone that stays for a while. Bounded. */
  async leave(): Promise<void> {
    if (this.#isLeft) return;
    this.#isLeft = true;
    this.#cancelRetry();
    await this.#announcer.leave({ ...this.#record, state: 'gone' } as MemberRecord);
  }

  async #learn(): Promise<void> {
    const { id, epochs } = this.#config;
    const shown = await this.#announcer.shownEpoch(id);
    this.#knowsEpoch = shown !== undefined;
    this.#record = { ...this.#record, epoch: Math.max(this.#record.epoch, (shown ?? 0) + 1) };
    epochs?.raise(id, this.#record.epoch);
  }

  #superseded(epoch: number, holder: ClusterRecord | undefined): void {
    if (this.#isLeft) return;
    if (!this.#knowsEpoch) {
      void this.#correct();
      return;
    }
    const { kind, id } = this.#config;
    const other = holder && holder.kind !== 'instance' ? (holder.record.url ?? holder.record.node) : undefined;
    const what = `another ${kind} is called "${id}" too${other === undefined ? '' : `, at ${other}`}`;
    const text = `${what}; give one of the two another id and start it again`;
    this.#context.logger.error({ code: 'DUPLICATE_INSTANCE_ID', epoch, reason: text }, 'this member is not announced');
  }

  /** The epoch was a guess, and too low. */
  async #correct(): Promise<void> {
    this.#cancelRetry();
    await this.#learn();
    if (this.#isLeft) return;
    if (this.#knowsEpoch) this.#announcer.announce(this.#record);
    else this.#cancelRetry = this.#context.clock.after(RETRY_MS, () => void this.#correct());
  }
}

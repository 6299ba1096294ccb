import { type ClusterRecord, RecordAnnouncer } from '@smmf/cluster';
import { type InstanceRecord, type InstanceSpec, type InstanceState, TASK_IDS } from '@smmf/protocol';
import type { HostContext } from './host-context.ts';
import type { HostTimings } from './timings.ts';

const MAX_REASON = 2_000;
/** How loud a change to a state is told. */
const LEVELS: Readonly<Partial<Record<InstanceState, 'error' | 'warn'>>> = { failed: 'error', down: 'warn' };
/** Between two attempts to read an epoch that was only guessed. */
const RETRY_MS = 1_000;

/** What may change of a record along with its state. */
export type RecordChange = Partial<
  Pick<InstanceRecord, 'epoch' | 'generation' | 'models' | 'address' | 'identity' | 'slots' | 'startedAtMs'>
>;

/** What the record of an instance tells. */
export interface RecordListener {
  onChange(): void;
  /** A higher epoch holds the id; `holder` says where it runs, as far as that is known. */
  onSuperseded(epoch: number, holder: string | undefined): void;
}

/** The record of one instance: changed here only, and with every change announced, logged and told. */
export class AnnouncedRecord {
  readonly #spec: InstanceSpec;
  readonly #context: HostContext;
  readonly #announcer: RecordAnnouncer;
  readonly #listener: RecordListener;
  #record: InstanceRecord;
  #sinceMs: number;
  #progress: string | undefined;
  /** Has a start of ours had this epoch. */
  #isOwnEpoch = false;
  #knowsEpoch = false;
  #isLeft = false;
  #cancelRetry: () => void = () => undefined;

  constructor(spec: InstanceSpec, context: HostContext, timings: HostTimings, listener: RecordListener) {
    const { clock, registries, keys, logger } = context;
    this.#spec = spec;
    this.#context = context;
    this.#listener = listener;
    this.#announcer = new RecordAnnouncer('instance', {
      ...{ registries, keys, clock, logger, timings },
      onSuperseded: (by, holder) => this.#superseded(by, holder),
    });
    this.#sinceMs = clock.wallMs();
    const { id, generation, model, engine, weight, order, labels, slots } = spec;
    this.#record = {
      id,
      epoch: 1,
      generation,
      engine,
      host: context.host,
      state: 'starting',
      // Which tasks it serves is not known yet: requests wait, and the engine judges them.
      models: [{ id: model, tasks: [...TASK_IDS] }],
      weight,
      order,
      labels: { ...labels },
      ...(slots === undefined ? {} : { slots }),
      startedAtMs: this.#sinceMs,
    };
  }

  /** As it was written last. */
  get current(): InstanceRecord {
    return this.#record;
  }

  /** When the present state began, on the wall clock. */
  get sinceMs(): number {
    return this.#sinceMs;
  }

  /** What a start does right now, in words. It is told to whoever asks, and not written. */
  set progress(text: string) {
    if (this.#progress === text) return;
    this.#progress = text;
    this.#listener.onChange();
  }

  /** The record with the progress of a start that is under way. */
  get shown(): InstanceRecord {
    const record = this.#record;
    return record.state === 'starting' && this.#progress !== undefined ? { ...record, reason: this.#progress } : record;
  }

  /** Reads which epoch comes next; a registry that cannot be read leaves a guess, made good later. */
  async learnEpoch(): Promise<void> {
    const { id } = this.#spec;
    const shown = await this.#announcer.shownEpoch(id);
    this.#knowsEpoch = shown !== undefined;
    const own = this.#isOwnEpoch ? this.#record.epoch : 0;
    const kept = this.#context.epochs?.last(id) ?? 0;
    this.#record = { ...this.#record, epoch: Math.max(own, shown ?? 0, kept) + 1 };
    this.#isOwnEpoch = false;
  }

  /** A new start: its epoch, no address yet, and the state `starting`. */
  starting(generation: number): void {
    const { address: _, epoch, ...record } = this.#record;
    this.#record = { ...record, epoch: this.#isOwnEpoch ? epoch + 1 : epoch };
    this.#isOwnEpoch = true;
    this.#context.epochs?.raise(this.#spec.id, this.#record.epoch);
    this.become('starting', 'loading', { generation, startedAtMs: this.#context.clock.wallMs() });
  }

  become(state: InstanceState, reason?: string, change: RecordChange = {}): void {
    this.#progress = undefined;
    const { reason: _, ...rest } = this.#record;
    this.#show({ ...rest, ...change, state, ...(reason === undefined ? {} : { reason: shortened(reason) }) });
  }

  /** The end: a tombstone that stays for a while, so that everyone sees an orderly leave. */
  async leave(): Promise<void> {
    this.#cancelRetry();
    this.#isLeft = true;
    this.become('gone');
    await this.#announcer.leave(this.#record);
  }

  #show(next: InstanceRecord): void {
    const before = this.#record;
    if (JSON.stringify(next) === JSON.stringify(before)) return;
    this.#record = next;
    if (next.state !== before.state) this.#sinceMs = this.#context.clock.wallMs();
    if (next.state !== 'gone') this.#announcer.announce(next);
    const { id: instance, engine, state, reason, epoch } = next;
    const level = LEVELS[state] ?? 'info';
    const why = reason === undefined ? '' : `: ${reason.split('\n', 1)[0]}`;
    if (state !== before.state) this.#context.onEngineLine?.(instance, `-- ${state} (epoch ${epoch})${why}`);
    this.#context.logger[state === before.state ? 'debug' : level](
      { instance, model: this.#spec.model, engine, state, reason, epoch },
      'instance state',
    );
    this.#listener.onChange();
  }

  #superseded(by: number, holder: ClusterRecord | undefined): void {
    if (this.#knowsEpoch) this.#listener.onSuperseded(by, placeOf(holder));
    else void this.#correctEpoch();
  }

  /** The epoch was a guess and too low: waits until the registry can be read, then writes under the right one. */
  async #correctEpoch(): Promise<void> {
    this.#cancelRetry();
    const shown = await this.#announcer.shownEpoch(this.#spec.id);
    if (this.#isLeft || this.#knowsEpoch) return;
    if (shown === undefined) {
      this.#cancelRetry = this.#context.clock.after(RETRY_MS, () => void this.#correctEpoch());
      return;
    }
    this.#knowsEpoch = true;
    this.#record = { ...this.#record, epoch: Math.max(this.#record.epoch, shown) + 1 };
    this.#context.epochs?.raise(this.#spec.id, this.#record.epoch);
    this.#announcer.announce(this.#record);
  }
}

/** Where the holder of the id runs, in words. */
function placeOf(holder: ClusterRecord | undefined): string | undefined {
  if (holder?.kind !== 'instance') return undefined;
  const { host, address } = holder.record;
  const at = address?.node ?? (address && new URL(address.url).host);
  return [host && `worker host "${host}"`, at].filter(Boolean).join(' at ') || undefined;
}

function shortened(reason: string): string {
  return reason.length <= MAX_REASON ? reason : `${reason.slice(0, MAX_REASON - 1)}…`;
}

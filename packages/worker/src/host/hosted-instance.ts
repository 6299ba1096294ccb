import { within } from '@smmf/cluster';
import { isSmmfError, SmmfError } from '@smmf/core';
import type { InstanceReport, InstanceSpec, LoadSample } from '@smmf/protocol';
import { AnnouncedRecord } from './announced-record.ts';
import { logCrash } from './crash-log.ts';
import type { EngineEnd, EngineListener, EngineProbe, EngineRun, EngineUp, StartEngine } from './engine-run.ts';
import type { HostContext } from './host-context.ts';
import { createKeepAlive } from './keep-alive.ts';
import { type ProberListener, startProber } from './prober.ts';
import { createRestartPolicy, PERMANENT_FAULTS, type RestartPolicy, restartReason } from './restart-policy.ts';
import type { HostTimings } from './timings.ts';

const RESTART_LIMIT_MS = 300_000;
/** Slots of an engine of ours that declares none. */
const DEFAULT_SLOTS = 32;
/** The state machine of one instance, over whatever starts its engine. */
export class HostedInstance {
  readonly spec: InstanceSpec;
  readonly #context: HostContext;
  readonly #timings: HostTimings;
  readonly #startEngine: StartEngine;
  readonly #record: AnnouncedRecord;
  readonly #policy: RestartPolicy;
  #run: EngineRun | undefined;
  #starts = 0;
  #crashes = 0;
  #readySinceMs: number | undefined;
  #load: LoadSample | undefined;
  #begun: Promise<void> | undefined;
  #generation: number;
  /** Numbers the starts and their ends: a start that is told of under an older number is over. */
  #turn = 0;
  /** The start that is being made. */
  #making: Promise<void> | undefined;
  #isClosed = false;
  /** Its process was told by others to end. */
  #isLeaving = false;
  #draining: Promise<void> | undefined;
  #restarting: Promise<void> | undefined;
  #closed: Promise<void> | undefined;
  readonly #hold = createKeepAlive();
  #cancelTimer: () => void = () => undefined;
  #stopProber: () => void = () => undefined;

  constructor(spec: InstanceSpec, context: HostContext, timings: HostTimings, startEngine: StartEngine) {
    this.spec = spec;
    this.#generation = spec.generation;
    this.#context = context;
    this.#timings = timings;
    this.#startEngine = startEngine;
    this.#policy = createRestartPolicy(timings);
    this.#record = new AnnouncedRecord(spec, context, timings, {
      onChange: () => context.onChange?.(this.report()),
      onSuperseded: (epoch, holder) => this.#superseded(epoch, holder),
    });
  }

  report(): InstanceReport {
    const { shown, sinceMs } = this.#record;
    const load = this.#load === undefined ? {} : { load: this.#load };
    return { ...shown, starts: this.#starts, crashes: this.#crashes, sinceMs, ...load };
  }

  /** Begins: what goes wrong shows in the state. Resolves once its record is being written, or could not be. */
  start(): Promise<void> {
    if (!this.#isClosed) this.#begun ??= this.#begin();
    return this.#begun ?? Promise.resolve();
  }

  /**
   * Drains, stops and starts again with the next epoch; also leaves `failed`. Resolves once the new start has begun.
   *
   * @param generation of the spec that the new start is made from
   * @param limitMs longest wait for what runs; default 300 000
   * @throws CLOSED after {@link HostedInstance.close}
   */
  restart(generation: number, limitMs = RESTART_LIMIT_MS): Promise<void> {
    this.#generation = generation;
    this.#restarting ??= this.#restart(limitMs).finally(() => {
      this.#restarting = undefined;
    });
    return this.#restarting;
  }

  /** Takes no new work and waits up to `limitMs` for what runs; the engine stays until `restart` or `close`. */
  drain(limitMs: number): Promise<void> {
    this.#draining ??= this.#drain(limitMs);
    return this.#draining;
  }

  /** Drains, stops the engine and leaves the registry; nothing of the engine is left afterwards. Idempotent, bounded. */
  close(limitMs: number): Promise<void> {
    this.#isClosed = true;
    this.#closed ??= this.#close(limitMs);
    return this.#closed;
  }

  async #begin(): Promise<void> {
    this.#hold(true);
    await this.#record.learnEpoch();
    if (this.#starts === 0 && this.#draining === undefined) this.#launch();
  }

  async #restart(limitMs: number): Promise<void> {
    this.#refuseClosed();
    this.#begun ??= Promise.resolve();
    this.#hold(true);
    await this.drain(limitMs);
    await this.#endRun();
    await this.#record.learnEpoch();
    this.#refuseClosed();
    this.#draining = undefined;
    this.#policy.reset();
    this.#launch();
  }

  #refuseClosed(): void {
    if (this.#isClosed) throw new SmmfError('CLOSED', `Instance "${this.spec.id}" is closed`);
  }

  async #drain(limitMs: number): Promise<void> {
    this.#stopTimers();
    if (this.#starts === 0) return;
    if (this.#record.current.state !== 'failed') this.#record.become('draining');
    await this.#run?.drain(limitMs).catch((error: unknown) => this.#note('drain failed', error));
  }

  async #close(limitMs: number): Promise<void> {
    this.#hold(true);
    await this.drain(limitMs);
    await this.#endRun();
    await this.#record.leave();
    this.#hold(false);
  }

  /** Stops the engine in order; what it tells from now on is not heard. */
  async #endRun(): Promise<void> {
    this.#stopTimers();
    this.#turn++;
    const run = this.#run;
    this.#run = undefined;
    await run?.stop().catch((error: unknown) => this.#note('stop failed', error));
    await within(this.#context.clock, this.#timings.stopLimitMs, 'the start', async () => this.#making).catch(
      (error: unknown) => this.#note('stop failed', error),
    );
  }

  #launch(): void {
    this.#starts++;
    this.#load = undefined;
    this.#isLeaving = false;
    this.#hold(true);
    this.#record.starting(this.#generation);
    const turn = ++this.#turn;
    this.#making = this.#make(turn);
  }

  async #make(turn: number): Promise<void> {
    const ifHeard = (then: (run: EngineRun) => void): void => {
      if (this.#run && this.#turn === turn && !this.#isDraining) then(this.#run);
    };
    const listener: EngineListener = {
      onProgress: (text) => ifHeard((run) => this.#progress(run, text)),
      onUp: (up) => ifHeard((run) => this.#up(run, up)),
      onLeaving: () => ifHeard(() => this.#left()),
      onLost: () => ifHeard(() => this.#lost()),
      onEnd: (end) => ifHeard(() => this.#ended(end)),
    };
    try {
      const run = await this.#startEngine(this.#record.current.epoch, listener);
      if (this.#turn !== turn || this.#isDraining) {
        await run.stop().catch((error: unknown) => this.#note('stop failed', error));
        return;
      }
      this.#run = run;
      this.#limitStart(run);
    } catch (error) {
      if (this.#turn !== turn) return;
      const how = error instanceof Error ? error.message : String(error);
      this.#ended({ how, error: isSmmfError(error) ? error : undefined, output: [] });
    }
  }

  get #isDraining(): boolean {
    return this.#draining !== undefined;
  }

  #limitStart(run: EngineRun): void {
    this.#cancelTimer();
    const { startLimitMs } = this.#timings;
    this.#cancelTimer = this.#context.clock.after(startLimitMs, () => {
      const why = `no progress for ${Math.round(startLimitMs / 1000)} s while starting`;
      if (run.kill) run.kill(why);
      else void this.#abandon(run, why);
    });
  }

  async #abandon(run: EngineRun, how: string): Promise<void> {
    this.#ended({ how, output: [] });
    await run.stop().catch((error: unknown) => this.#note('stop failed', error));
  }

  #progress(run: EngineRun, text: string): void {
    if (this.#record.current.state !== 'starting') return;
    this.#limitStart(run);
    this.#record.progress = text;
  }

  #up(run: EngineRun, { models, slots = DEFAULT_SLOTS, address }: EngineUp): void {
    this.#stopTimers();
    const byTls = address?.url.startsWith('https:') === true;
    const proven = { identity: byTls ? ('tls' as const) : ('proof' as const) };
    const identity = address?.keyId === undefined ? {} : proven;
    const told = { models: [...models], address, slots: this.spec.slots ?? slots, ...identity };
    this.#record.become('starting', 'loaded', told);
    const listener: ProberListener = {
      onUp: (found) => this.#ready(found),
      onDown: (reason) => this.#down(reason),
      onUndecided: (reason) => this.#context.logger.debug({ instance: this.spec.id, reason }, 'probe undecided'),
      onDead: (reason) => run.kill?.(reason),
    };
    this.#stopProber = startProber(run, this.#timings, this.#context.clock, listener);
  }

  #ready({ load, models, note }: EngineProbe): void {
    this.#load = load;
    if (this.#isLeaving) return;
    this.#readySinceMs ??= this.#context.clock.now();
    this.#hold(false);
    this.#record.become('ready', note, models ? { models: [...models] } : {});
  }

  /** Only what comes up by our doing is waited for: a first start, not an engine that was ready. */
  #down(reason: string): void {
    const wasReady = this.#readySinceMs !== undefined || this.#record.current.state === 'down';
    this.#unready();
    if (!this.#isLeaving) this.#record.become(wasReady ? 'down' : 'starting', reason);
  }

  /** Its process has ended; another one is about to start. */
  #lost(): void {
    this.#unready();
    if (!this.#isLeaving) this.#record.become('starting', 'its process has ended');
  }

  #unready(): void {
    if (this.#readySinceMs !== undefined) this.#policy.wasReady(this.#context.clock.now() - this.#readySinceMs);
    this.#readySinceMs = undefined;
    this.#load = undefined;
  }

  #left(): void {
    this.#isLeaving = true;
    this.#record.become('draining', 'its process was told to end');
  }

  #ended({ how, error, output }: EngineEnd): void {
    this.#stopTimers();
    this.#unready();
    this.#run = undefined;
    const why = error?.message ?? how;
    if (error && PERMANENT_FAULTS.has(error.code)) {
      this.#fail([why, ...output]);
      return;
    }
    const isCrash = error?.code !== 'SOURCE_UNAVAILABLE';
    const restart = isCrash ? this.#policy.crashed(this.#context.clock.now()) : this.#policy.postponed();
    if (isCrash) logCrash(this.#context.logger, this.spec, { how: why, output, crashes: ++this.#crashes }, restart);
    this.#hold(true);
    // Nobody waits for an engine that is away for long, or that would crash again.
    this.#record.become(restart.isSoon ? 'starting' : 'down', restartReason(restart, why, this.#crashes, output));
    this.#cancelTimer = this.#context.clock.after(restart.waitMs, () => this.#launch());
  }

  #superseded(epoch: number, holder = 'another worker host'): void {
    if (this.#isClosed) return;
    void this.#endRun();
    const why = `DUPLICATE_INSTANCE_ID: ${holder} runs this instance too, with a later start than epoch ${epoch}`;
    this.#fail([`${why}; give one of the two hosts another worker.id, then restart the instance`]);
  }

  #fail(lines: readonly string[]): void {
    this.#hold(false);
    this.#record.become('failed', lines.join('\n'));
  }

  /** No probe and no timer any more. */
  #stopTimers(): void {
    this.#cancelTimer();
    this.#stopProber();
  }

  #note(text: string, error: unknown): void {
    this.#context.logger.warn({ instance: this.spec.id, reason: String(error) }, text);
  }
}

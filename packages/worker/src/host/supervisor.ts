import { SmmfError } from '@smmf/core';
import type { LoadSample } from '@smmf/protocol';
import type { EngineEnd, EngineListener, EngineProbe, EngineRun, EngineUp, StartEngine } from './engine-run.ts';
import { InstanceStatus } from './instance-status.ts';
import { type ProberListener, startProber } from './prober.ts';
import { createRestartPolicy, PERMANENT_FAULTS, type RestartPolicy } from './restart-policy.ts';
import type { HostTimings } from './timings.ts';
import type { HostContext, HostView, WorkerHost, WorkerSpec } from './worker-host.ts';

const RESTART_LIMIT_MS = 300_000;
const LONG_MS = 2 ** 30;
/** Slots of an engine of ours that declares none. */
const DEFAULT_SLOTS = 32;

/** The state machine of one instance, over whatever starts its engine. */
export class Supervisor implements WorkerHost {
  readonly spec: WorkerSpec;
  readonly #context: HostContext;
  readonly #timings: HostTimings;
  readonly #startEngine: StartEngine;
  readonly #status: InstanceStatus;
  readonly #policy: RestartPolicy;
  #run: EngineRun | undefined;
  #starts = 0;
  #crashes = 0;
  #readySinceMs: number | undefined;
  #load: LoadSample | undefined;
  #isBegun = false;
  #isClosed = false;
  /** Its process was told by others to end. */
  #isLeaving = false;
  #draining: Promise<void> | undefined;
  #restarting: Promise<void> | undefined;
  #closed: Promise<void> | undefined;
  /** Keeps this process alive while a start is under way: between two of them nothing else may. */
  #hold: NodeJS.Timeout | undefined;
  #cancelTimer: () => void = () => undefined;
  #stopProber: () => void = () => undefined;

  constructor(spec: WorkerSpec, context: HostContext, timings: HostTimings, startEngine: StartEngine) {
    this.spec = spec;
    this.#context = context;
    this.#timings = timings;
    this.#startEngine = startEngine;
    this.#policy = createRestartPolicy(timings);
    this.#status = new InstanceStatus(spec, context, timings, {
      onChange: () => context.onChange?.(this.view()),
      onSuperseded: (epoch) => this.#superseded(epoch),
    });
  }

  view(): HostView {
    const { record, sinceMs } = this.#status;
    const load = this.#load === undefined ? {} : { load: this.#load };
    return { ...record, starts: this.#starts, crashes: this.#crashes, sinceMs, ...load };
  }

  start(): void {
    if (this.#isBegun || this.#isClosed) return;
    this.#isBegun = true;
    this.#setHold(true);
    void this.#begin();
  }

  restart(limitMs = RESTART_LIMIT_MS): Promise<void> {
    this.#restarting ??= this.#restart(limitMs).finally(() => {
      this.#restarting = undefined;
    });
    return this.#restarting;
  }

  drain(limitMs: number): Promise<void> {
    this.#draining ??= this.#drain(limitMs);
    return this.#draining;
  }

  close(limitMs: number): Promise<void> {
    this.#isClosed = true;
    this.#closed ??= this.#close(limitMs);
    return this.#closed;
  }

  async #begin(): Promise<void> {
    await this.#status.learnEpoch();
    if (this.#starts === 0 && this.#draining === undefined) this.#launch();
  }

  async #restart(limitMs: number): Promise<void> {
    this.#refuseClosed();
    this.#isBegun = true;
    this.#setHold(true);
    await this.drain(limitMs);
    await this.#endRun();
    await this.#status.learnEpoch();
    this.#refuseClosed();
    this.#draining = undefined;
    this.#policy.reset();
    this.#launch();
  }

  #refuseClosed(): void {
    if (this.#isClosed) throw new SmmfError('CLOSED', `Instance "${this.spec.instanceId}" is closed`);
  }

  async #drain(limitMs: number): Promise<void> {
    this.#stopTimers();
    if (this.#starts === 0) return;
    if (this.#status.record.state !== 'failed') this.#status.become('draining');
    await this.#run?.drain(limitMs).catch((error: unknown) => this.#note('drain failed', error));
  }

  async #close(limitMs: number): Promise<void> {
    this.#setHold(true);
    await this.drain(limitMs);
    await this.#endRun();
    await this.#status.leave();
    this.#setHold(false);
  }

  /** Stops the engine in order; what it tells from now on is not heard. */
  async #endRun(): Promise<void> {
    this.#stopTimers();
    const run = this.#run;
    this.#run = undefined;
    await run?.stop().catch((error: unknown) => this.#note('stop failed', error));
  }

  #launch(): void {
    this.#starts++;
    this.#load = undefined;
    this.#isLeaving = false;
    this.#setHold(true);
    this.#status.starting();
    let run: EngineRun | undefined;
    const ifHeard = (then: (run: EngineRun) => void): void => {
      if (run && this.#run === run && !this.#isDraining) then(run);
    };
    const listener: EngineListener = {
      onProgress: (text) => ifHeard((current) => this.#progress(current, text)),
      onUp: (up) => ifHeard((current) => this.#up(current, up)),
      onLeaving: () => ifHeard(() => this.#left()),
      onLost: () => ifHeard(() => this.#lost()),
      onEnd: (end) => ifHeard(() => this.#ended(end)),
    };
    try {
      run = this.#startEngine(this.#status.record.epoch, listener);
    } catch (error) {
      this.#ended({ how: error instanceof Error ? error.message : String(error), output: [] });
      return;
    }
    this.#run = run;
    this.#limitStart(run);
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
    if (this.#status.record.state !== 'starting') return;
    this.#limitStart(run);
    this.#status.become('starting', text);
  }

  #up(run: EngineRun, { models, slots = DEFAULT_SLOTS, address }: EngineUp): void {
    this.#stopTimers();
    this.#status.become('starting', 'loaded', { models: [...models], address, slots: this.spec.slots ?? slots });
    const listener: ProberListener = {
      onUp: (found) => this.#ready(found),
      onDown: (reason) => this.#down(reason),
      onUndecided: (reason) =>
        this.#context.logger.debug({ instance: this.spec.instanceId, reason }, 'probe undecided'),
      onDead: (reason) => run.kill?.(reason),
    };
    this.#stopProber = startProber(run, this.#timings, this.#context.clock, listener);
  }

  #ready({ load, models, note }: EngineProbe): void {
    this.#load = load;
    if (this.#isLeaving) return;
    this.#readySinceMs ??= this.#context.clock.now();
    this.#setHold(false);
    this.#status.become('ready', note, models ? { models: [...models] } : {});
  }

  /** Only what comes up by our doing is waited for: a first start, not an engine that was ready. */
  #down(reason: string): void {
    const wasReady = this.#readySinceMs !== undefined || this.#status.record.state === 'down';
    this.#unready();
    if (!this.#isLeaving) this.#status.become(wasReady ? 'down' : 'starting', reason);
  }

  /** Its process has ended; another one is about to start. */
  #lost(): void {
    this.#unready();
    if (!this.#isLeaving) this.#status.become('starting', 'its process has ended');
  }

  #unready(): void {
    if (this.#readySinceMs !== undefined) this.#policy.wasReady(this.#context.clock.now() - this.#readySinceMs);
    this.#readySinceMs = undefined;
    this.#load = undefined;
  }

  #left(): void {
    this.#isLeaving = true;
    this.#status.become('draining', 'its process was told to end');
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
    const waitMs = error?.code === 'SOURCE_UNAVAILABLE' ? this.#policy.postponed() : this.#crashed();
    if (waitMs === undefined) {
      const { crashLimit, crashWindowMs } = this.#timings;
      const often = `ended ${crashLimit} times within ${Math.round(crashWindowMs / 1000)} s, last with ${why}`;
      this.#fail([often, ...output]);
      return;
    }
    this.#setHold(true);
    this.#status.become('starting', `restarting in ${waitMs} ms after ${why}`);
    this.#cancelTimer = this.#context.clock.after(waitMs, () => this.#launch());
  }

  #crashed(): number | undefined {
    this.#crashes++;
    return this.#policy.crashed(this.#context.clock.now());
  }

  #superseded(epoch: number): void {
    if (this.#isClosed) return;
    void this.#endRun();
    this.#fail([`another host runs this instance with an epoch above ${epoch}; stop one of the two`]);
  }

  #fail(lines: readonly string[]): void {
    this.#setHold(false);
    this.#status.become('failed', lines.join('\n'));
  }

  #setHold(isHeld: boolean): void {
    clearInterval(this.#hold);
    this.#hold = isHeld ? setInterval(() => undefined, LONG_MS) : undefined;
  }

  /** No probe and no timer any more. */
  #stopTimers(): void {
    this.#cancelTimer();
    this.#stopProber();
  }

  #note(text: string, error: unknown): void {
    this.#context.logger.warn({ instance: this.spec.instanceId, reason: String(error) }, text);
  }
}

import type { SmmfError } from '@smmf/core';
import type { Address, Health, LoadSample, ModelCard } from '@smmf/protocol';

/** An engine that has been made and may be probed. */
export interface EngineUp {
  readonly models: readonly ModelCard[];
  readonly slots?: number | undefined;
  /** Where its process listens. */
  readonly address: Address;
}

/** How an engine ended that nobody had told to. */
export interface EngineEnd {
  /** In words that fit after "restarting after": `exit code 137`. */
  readonly how: string;
  /** Why it could not start, where it said so. */
  readonly error?: SmmfError | undefined;
  /** The last lines that it wrote. */
  readonly output: readonly string[];
}

/** What a start tells its host. Nothing is told any more once {@link EngineRun.stop} was called. */
export interface EngineListener {
  /** The start goes on; `text` says what it does: `downloading model.gguf 34 %`. */
  onProgress(text: string): void;
  onUp(up: EngineUp): void;
  /** It was told by others (a signal) to leave: it takes no new work and will end. */
  onLeaving(): void;
  /** Its process has ended; {@link EngineListener.onEnd} says more once its last output is read. */
  onLost(): void;
  onEnd(end: EngineEnd): void;
}

/** What a probe of an engine found. */
export interface EngineProbe extends Health {
  readonly load?: LoadSample | undefined;
  /** What it serves now, where that can change. */
  readonly models?: readonly ModelCard[];
}

/** One start of an engine, in a process of its own. */
export interface EngineRun {
  /** Rejects when nothing answers. */
  probe(signal: AbortSignal): Promise<EngineProbe>;
  /** Refuses new work and waits up to `limitMs` for what runs. */
  drain(limitMs: number): Promise<void>;
  /** Ends it in order within the stop limit, else by force; nothing of it is left afterwards. Idempotent. */
  stop(): Promise<void>;
  /** Ends it at once; {@link EngineListener.onEnd} follows. Absent for an engine that cannot be killed alone. */
  kill?(why: string): void;
}

/**
 * Starts an engine; its listener hears nothing before the promise has resolved.
 * @throws what another start would meet again, by its code, or what stands in its way now
 */
export type StartEngine = (epoch: number, listener: EngineListener) => Promise<EngineRun>;

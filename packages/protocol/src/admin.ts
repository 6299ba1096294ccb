import * as z from 'zod';
import { administrativeState, instanceReport } from './feeds.ts';
import type { ModelCard } from './instance.ts';

/**
 * An instance as the control plane sees it: its record, what the operator ordered, and what whoever runs it says when asked. The
 * latter is absent where it did not answer.
 */
export const instanceView = instanceReport
  .partial({ starts: true, crashes: true, sinceMs: true })
  .extend({ administrative: administrativeState });

/** An instance as the control plane sees it. */
export type InstanceView = z.infer<typeof instanceView>;

/** A public model, and the ids of the instances that serve it. */
export type ServedModel = ModelCard & { readonly instances: readonly string[] };

/** An order to the controller. `online` undoes `offline` and `drain`. */
export const command = z.strictObject({
  action: z.enum(['online', 'offline', 'drain', 'restart']),
  instance: z.string(),
});

/** An order to the controller. */
export type Command = z.infer<typeof command>;

/**
 * What becomes of a {@link Command}. A restart runs on after the call that ordered it: ask for the operation again by its id until
 * it is `done` (the instance is ready again) or `failed`.
 */
export const operation = command.extend({
  id: z.string(),
  state: z.enum(['running', 'done', 'failed']),
  /** Why it failed. */
  reason: z.string().optional(),
  /** How far it is, in words, while it runs. */
  progress: z.string().optional(),
  /** Milliseconds of the Unix epoch. */
  startedAtMs: z.number().nonnegative(),
  endedAtMs: z.number().nonnegative().optional(),
});

/** What became of a {@link Command}. */
export type Operation = z.infer<typeof operation>;

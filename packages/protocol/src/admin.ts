import * as z from 'zod';
import { loadSample } from './health.ts';
import { instanceRecord } from './instance.ts';

/** What an operator orders for an instance; the effective state is the stricter of this and the record's own. */
export const ADMINISTRATIVE_STATES = ['online', 'offline', 'draining'] as const;

/** What an operator orders for an instance. */
export type AdministrativeState = (typeof ADMINISTRATIVE_STATES)[number];

/** An instance as the control plane sees it: its record, what the operator ordered, and what its host counted. */
export const instanceView = instanceRecord.extend({
  administrative: z.enum(ADMINISTRATIVE_STATES),
  /** Starts of its engine since the host began, and how many of them ended by themselves. */
  starts: z.number().int().nonnegative(),
  crashes: z.number().int().nonnegative(),
  /** The last sample that the engine gave; absent for engines that give none. */
  load: loadSample.optional(),
  /** When the present state began, milliseconds of the Unix epoch. */
  sinceMs: z.number().nonnegative(),
});

/** An instance as the control plane sees it. */
export type InstanceView = z.infer<typeof instanceView>;

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

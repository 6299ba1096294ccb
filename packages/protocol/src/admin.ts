import * as z from 'zod';
import { administrativeState, instanceReport } from './feeds.ts';
import type { ModelCard } from './instance.ts';
import type { MemberKind, MemberRecord } from './member.ts';

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

/** An order for a whole worker host. `drain`: no new instances and no new work; `resume` undoes it, `uncordon` undoes `cordon`. */
export const hostCommand = z.strictObject({
  action: z.enum(['cordon', 'uncordon', 'drain', 'resume']),
  host: z.string(),
});

/** An order for a whole worker host. */
export type HostCommand = z.infer<typeof hostCommand>;

/** A worker host as the control plane sees it. */
export interface HostView extends Partial<MemberRecord> {
  readonly id: string;
  /** `lost`: instances are placed on it and nobody hears of it. */
  readonly standing: 'up' | 'cordoned' | 'draining' | 'leaving' | 'lost';
  /** Ids of the instances that are placed on it. */
  readonly instances: readonly string[];
}

/** The cluster at one moment, as a controller sees it. */
export interface ClusterView {
  readonly namespace: string;
  readonly members: readonly (MemberRecord & { readonly kind: MemberKind })[];
  readonly hosts: readonly HostView[];
  /** `starting`: those that nobody has to do anything about, and that do not serve yet. */
  readonly instances: { readonly ready: number; readonly starting: number; readonly all: number };
  /** What is not well, each with what to do about it; empty when the cluster is whole. */
  readonly problems: readonly { readonly what: string; readonly remedy: string }[];
}

import * as z from 'zod';
import { loadSample } from './health.ts';
import { type InstanceRecord, instanceRecord } from './instance.ts';

// What controllers, worker hosts and API servers tell each other, as JSON that an older or newer version can read: unknown keys
// are dropped, absent optional ones get their defaults. Nothing here holds a secret, or a path of the machine that wrote it.

const labels = z.record(z.string().max(63), z.string().max(256)).default({});
const written = z.record(z.string(), z.unknown()).default({});

/** An instance as it is wanted: what a worker host runs, or what an API server makes of an upstream. */
export const instanceSpec = z.object({
  id: z.string().regex(/^[A-Za-z0-9._-]{1,128}$/),
  /** Grows when it is to be started anew. */
  generation: z.number().int().positive().default(1),
  /** The public model id. */
  model: z.string().min(1).max(256),
  /** Short name of the engine, for records and logs. */
  engine: z.string().max(128),
  /** The engine's plugin as the config names it: a short name, a package, or a path from the config's folder. */
  plugin: z.string(),
  /** Options of the engine as the config has them: whoever makes the engine replaces the references in them, on its machine. */
  options: written,
  weight: z.number().positive().default(1),
  order: z.number().int().nonnegative().default(0),
  labels,
  /** Labels that a worker host must carry to run it. */
  on: z.record(z.string(), z.string()).optional(),
  /** Requests at once; absent: what the engine says. */
  slots: z.number().int().positive().optional(),
});

/** An instance as it is wanted. */
export type InstanceSpec = z.infer<typeof instanceSpec>;

/** What an operator orders for an instance; the effective state is the stricter of this and the record's own. */
export const administrativeState = z.enum(['online', 'offline', 'draining']);

/** What an operator orders for an instance. */
export type AdministrativeState = z.infer<typeof administrativeState>;

const milliseconds = z.number().nonnegative();

/** What API servers are told about one public model. */
export const modelSpec = z.object({
  id: z.string().min(1).max(256),
  aliases: z.array(z.string()).default([]),
  /** Name of a built-in balancer or of a plugin, with the options as the config has them. */
  balancer: z.object({ use: z.string(), options: written }).default({ use: 'least-outstanding', options: {} }),
  fallbacks: z.array(z.string()).default([]),
  /** Time limits; an absent one is the router's default. */
  timeouts: z
    .object({
      queueMs: milliseconds.optional(),
      firstTokenMs: milliseconds.optional(),
      firstTokenPerKibMs: milliseconds.optional(),
      interTokenMs: milliseconds.optional(),
      totalMs: milliseconds.optional(),
    })
    .default({}),
  waitAtMostMs: milliseconds.optional(),
});

/** What API servers are told about one public model. */
export type ModelSpec = z.infer<typeof modelSpec>;

/** The feed of settings: what every API server serves, whole each time. */
export const settings = z.object({
  /** Which controller's state this is; `term` and `generation` compare only within it. */
  storeId: z.string(),
  /** Grows with each start of a controller over the same state. */
  term: z.number().int().nonnegative().default(0),
  generation: z.number().int().nonnegative(),
  models: z.array(modelSpec),
  upstreams: z.array(instanceSpec).default([]),
  /** What operators ordered, by instance id; one that is absent is online. */
  administrative: z.record(z.string(), administrativeState).default({}),
});

/** The feed of settings. */
export type Settings = z.infer<typeof settings>;

/** What a controller wants of one worker host, whole each time. */
export const assignment = z.object({
  storeId: z.string(),
  /** Grows with each controller that takes over the same state. */
  term: z.number().int().nonnegative().default(0),
  generation: z.number().int().nonnegative(),
  /** False when something may be missing: then nothing is ended because it is not in here. */
  complete: z.boolean().default(false),
  instances: z.array(instanceSpec),
});

/** All that a controller wants and tells, for other controllers that tell the same. */
export const replica = z.object({
  settings: z.string(),
  /** By worker host. */
  assignments: z.record(z.string(), z.string()),
});

/** All that a controller wants and tells. */
export type Replica = z.infer<typeof replica>;

/** Is `next` of another state than `before`, or a later one of the same. */
export function isLater(
  next: Pick<Assignment, 'storeId' | 'term' | 'generation'>,
  before: Pick<Assignment, 'storeId' | 'term' | 'generation'> | undefined,
): boolean {
  if (next.storeId !== before?.storeId) return true;
  return next.term > before.term || (next.term === before.term && next.generation > before.generation);
}

/** What a controller wants of one worker host. */
export type Assignment = z.infer<typeof assignment>;

/** One lane of an upstream (a key of a vendor) as an API server sees it. */
export const laneReport = z.object({
  /** Its name, never the key. */
  id: z.string(),
  state: z.enum(['ready', 'paused', 'ejected']),
  /** Why it is paused, in words and as a code of the table. */
  reason: z.string().optional(),
  code: z.string().optional(),
  /** When it is asked again, milliseconds from now. */
  forMs: milliseconds.optional(),
});

/** One lane of an upstream as an API server sees it. */
export type LaneReport = z.infer<typeof laneReport>;

/** What whoever runs an instance says of it when asked; `reason` also tells the progress of a start. */
export const instanceReport = instanceRecord.extend({
  /** Starts of its engine since the host began, and how many of them ended by themselves. */
  starts: z.number().int().nonnegative(),
  crashes: z.number().int().nonnegative(),
  /** The last sample that the engine gave; absent for engines that give none. */
  load: loadSample.optional(),
  /** Of an upstream with several keys, or whose only one is not used at the moment. */
  lanes: z.array(laneReport).optional(),
  /** When the present state began, milliseconds of the Unix epoch. */
  sinceMs: z.number().nonnegative(),
});

/** What whoever runs an instance says of it. */
export type InstanceReport = z.infer<typeof instanceReport>;

/** Answer of a worker host or an API server that is asked what runs there. */
export const memberReport = z.object({ instances: z.array(instanceReport) });

/** What runs at one member. */
export type MemberReport = z.infer<typeof memberReport>;

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
  /** API servers that are there; undefined where that is not known. */
  readonly apiServers?: number | undefined;
}

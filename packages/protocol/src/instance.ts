import * as z from 'zod';
import { TASK_IDS } from './tasks.ts';

/** What a worker says of one model: its public id, the tasks it serves and its context length in tokens. */
export const modelCard = z.object({
  id: z.string().min(1).max(256),
  tasks: z.array(z.enum(TASK_IDS)),
  contextLength: z.number().int().positive().optional(),
  capabilities: z.array(z.string().max(64)).max(32).optional(),
  labels: z.record(z.string().max(63), z.string().max(256)).optional(),
});

/** What a worker says of one model. */
export type ModelCard = z.infer<typeof modelCard>;

/**
 * Where an instance listens: an `http(s)` origin with an optional base path, or a unix socket beside it, which only the machine
 * that is called `node` can dial.
 */
export const address = z.object({
  url: z.url({ protocol: /^https?$/ }),
  socketPath: z.string().max(100).optional(),
  node: z.string().min(1).max(253).optional(),
  /** Names the key that callers must bring; whoever holds the secret of the data plane makes it from this name. */
  keyId: z.string().min(1).max(64).optional(),
});

/** Where an instance listens. */
export type Address = z.infer<typeof address>;

/** Who must answer at an address: what the check before a connection's first request looks for. */
export interface Peer {
  readonly instance: string;
  /** Names the key of its start, which proves who it is; absent: its list of models must name `model`. */
  readonly keyId?: string | undefined;
  /** The engine's own name of the model. */
  readonly model?: string | undefined;
}

/**
 * States that an instance's host writes. `starting`: it is coming up, and requests wait for it. `down`: it does not answer,
 * and nobody here is starting it; requests go elsewhere or fail. `gone` is the tombstone of one that left in order.
 */
export const INSTANCE_STATES = ['starting', 'ready', 'degraded', 'down', 'draining', 'failed', 'gone'] as const;

/** State of an instance as its host writes it. */
export type InstanceState = (typeof INSTANCE_STATES)[number];

/** A worker as the registry holds it. Holds no secret and no prompt; unknown keys of a newer writer are dropped. */
export const instanceRecord = z.object({
  id: z.string().regex(/^[A-Za-z0-9._-]{1,128}$/),
  epoch: z.number().int().positive(),
  engine: z.string().max(128),
  state: z.enum(INSTANCE_STATES),
  reason: z.string().max(2048).optional(),
  models: z.array(modelCard).max(64),
  /** Absent while it starts, and for an upstream, which whoever serves reaches through a worker of its own. */
  address: address.optional(),
  /** Requests it runs at once; absent: as many as come, the engine itself says when it is full. */
  slots: z.number().int().positive().optional(),
  weight: z.number().positive().default(1),
  /** Instances of a higher order get work only while none of a lower order can take it. */
  order: z.number().int().nonnegative().default(0),
  labels: z.record(z.string().max(63), z.string().max(256)).default({}),
  /** The worker host that runs it. */
  host: z.string().max(128).optional(),
  /**
   * How callers make sure that it is this start of it that answers at its address, on each new connection and before a request's first
   * byte: `proof` by a key of the cluster; `tls` by its certificate; `weak`: its list of models names what it serves, which stops accidents and no attacker.
   */
  identity: z.enum(['proof', 'tls', 'weak', 'none']).catch('none').optional(),
  /** Generation of the spec that this start was made from. */
  generation: z.number().int().positive().optional(),
  /** When this start of the worker began, in milliseconds of the Unix epoch. */
  startedAtMs: z.number().nonnegative(),
});

/** The public model `id`, made of what the instances that serve it say; one that knows no tasks yet says nothing. */
export function publicCard(id: string, instances: readonly Pick<InstanceRecord, 'models'>[]): ModelCard {
  const own = instances.flatMap(({ models }) => models.filter((card) => card.id === id));
  const cards = own.filter(({ tasks }) => tasks.length > 0);
  if (cards.length === 0) return { id, tasks: [...TASK_IDS] };
  const tasks = TASK_IDS.filter((task) => cards.some((card) => card.tasks.includes(task)));
  const lengths = cards.map(({ contextLength }) => contextLength ?? Number.POSITIVE_INFINITY);
  const contextLength = Math.max(...lengths);
  return { ...cards[0], id, tasks, ...(Number.isFinite(contextLength) ? { contextLength } : {}) };
}

/** A worker as the registry holds it. */
export type InstanceRecord = z.infer<typeof instanceRecord>;

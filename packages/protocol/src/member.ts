import * as z from 'zod';

/** States of a member: `up`; `leaving`: it drains and goes; `gone` is the tombstone of one that left in order. */
export const MEMBER_STATES = ['up', 'leaving', 'gone'] as const;

/**
 * A worker host, an API server or a controller as the registry holds it. Holds no secret; unknown keys of a newer writer are dropped,
 * a state that this version does not know counts as `leaving`.
 */
export const memberRecord = z.object({
  id: z.string().regex(/^[A-Za-z0-9._-]{1,128}$/),
  epoch: z.number().int().positive(),
  state: z.enum(MEMBER_STATES).catch('leaving'),
  /** Origin at which other members reach it; absent for one that cannot be called. */
  url: z.url({ protocol: /^https?$/ }).optional(),
  /** The machine it runs on. */
  node: z.string().max(253).optional(),
  /** Of the program. */
  version: z.string().max(64).default(''),
  labels: z.record(z.string().max(63), z.string().max(256)).default({}),
  /** Of a worker host: the engines that it can run, by the name of their plugin. */
  engines: z.array(z.string().max(128)).max(256).default([]),
  /** Of an API server: fingerprints of the keys that it accepts, so that two that differ are found. */
  keyPrints: z.array(z.string().max(64)).max(1_024).default([]),
  /** Of a controller: does it own the settings. */
  primary: z.boolean().default(false),
  /** Does it listen beyond this machine without TLS. */
  plain: z.boolean().default(false),
  startedAtMs: z.number().nonnegative().default(0),
});

/** A worker host, an API server or a controller as the registry holds it. */
export type MemberRecord = z.infer<typeof memberRecord>;

/** What a member is. */
export type MemberKind = 'worker' | 'apiserver' | 'controller';

import type { Config } from '../../src/index.ts';

/** Shared by the members: loopback only, and gone with the run. */
export const SECRET = 'the secret of a large cluster';
export const NAMESPACE = 'large';
/** The model that requests ask. */
export const ASKED = 'asked';
/** Instances of {@link ASKED}. */
export const ASKED_INSTANCES = 4;
/** The defaults of a worker host. */
export const TIMINGS = { heartbeatMs: 5_000, ttlMs: 15_000, registryLimitMs: 2_000 };

/** How large a cluster is. */
export interface Size {
  readonly records: number;
  readonly models: number;
}

/** The names of its models, {@link ASKED} first. */
export const modelNames = (models: number): string[] => [
  ASKED,
  ...Array.from({ length: models - 1 }, (_, index) => `model-${index + 1}`),
];

/** What the members have in common. */
export const shared = (stateDir: string): Config => ({
  version: 1,
  cluster: { namespace: NAMESPACE, secrets: [SECRET] },
  stateDir,
  log: { level: 'error' },
});

/** What a program tells once it does its work. */
export interface Begun {
  readonly port: number;
}

/** For a program that ends with its parent. */
export function endWithParent(end: () => Promise<void> | void = () => undefined): void {
  process.once('disconnect', () => void Promise.resolve(end()).finally(() => process.exit(0)));
}

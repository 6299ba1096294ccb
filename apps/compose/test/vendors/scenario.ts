import type { Bench } from './bench.ts';
import type { Dialect } from './dialect.ts';

/** One line of the conformance table: what is asked of every vendor that has it. */
export interface Scenario {
  /** As the column says. */
  readonly name: string;
  /** What the vendor has of it, in a word or a number for the table; undefined: it has no such thing. */
  readonly of: (dialect: Dialect) => string | undefined;
  /** Throws where SMMF does not deliver. */
  readonly run: (bench: Bench) => Promise<void>;
}

/** For what each vendor has. */
export const always = (): string => 'yes';

/** For what a vendor has or has not. */
export const where =
  (has: (dialect: Dialect) => boolean) =>
  (dialect: Dialect): string | undefined =>
    has(dialect) ? 'yes' : undefined;

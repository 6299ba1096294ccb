import * as z from 'zod';

/** One line that an engine's process wrote, or that its host says of it. */
export const engineLogLine = z.object({
  /** Grows by one with each line of the instance, over its restarts. */
  seq: z.number().int().positive(),
  /** Milliseconds of the Unix epoch. */
  atMs: z.number().nonnegative(),
  text: z.string(),
});

/** The newest lines of one instance, oldest first; credentials are taken out. */
export const engineLog = z.object({ lines: z.array(engineLogLine) });

/** The newest lines of one instance. */
export type EngineLog = z.infer<typeof engineLog>;

/** Which lines are asked for, also as the query of a URL: those after one that is known, and of these the newest `limit`. */
export const logQuery = z.strictObject({
  after: z.coerce.number().int().nonnegative().optional(),
  limit: z.coerce.number().int().min(1).max(1_000).optional(),
});

/** Which lines are asked for; default the newest 100. */
export type LogQuery = z.output<typeof logQuery>;

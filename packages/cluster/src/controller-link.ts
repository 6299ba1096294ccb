import type { LogQuery } from '@smmf/protocol';

/** Whoever runs instances and can be asked for them: a worker host, an API server. */
export interface Member {
  /** Unique among the members of one controller. */
  readonly id: string;
  /** What runs there, as {@link sealMessage} writes a report. */
  report(signal: AbortSignal): Promise<string>;
  /** What the engine of an instance here wrote last, as {@link sealMessage} writes a log; absent for members that run no engines. */
  logs?(instance: string, query: LogQuery, signal: AbortSignal): Promise<string>;
}

/**
 * What a controller is to the members: texts of JSON, whatever carries them. Every listener hears the present text where there
 * is one, and each later one whole; what it throws is its own fault. Each call returns its end.
 */
export interface ControllerLink {
  /** Follows the feed of settings. */
  followSettings(listener: (text: string) => void): () => void;
  /** Follows what is wanted of the worker host `host`, and makes it known as one that can be given work. */
  followAssignment(host: string, listener: (text: string) => void): () => void;
  /** Lets the controller ask this member. */
  join(member: Member): () => void;
}

import { look } from './http.ts';

/** What an API server tells of itself at one moment. */
export interface ServerMetrics {
  /** Each instance in its table, by the state in which it sees it. */
  readonly instances: ReadonlyMap<string, string>;
  /** p99 of the delay of its event loop since the last look, milliseconds. */
  readonly delayMs: number;
}

const STATE = /^smmf_instance_state\{([^}]*)\} 1$/gm;
const DELAY = /^smmf_event_loop_delay_seconds\{statistic="p99"\} (\S+)$/m;
const label = (labels: string, name: string): string => new RegExp(`${name}="([^"]*)"`).exec(labels)?.[1] ?? '';

/** The metrics of the API server at `url`; undefined when it does not answer. */
export async function serverMetrics(url: string): Promise<ServerMetrics | undefined> {
  const answer = await look(`${url}/metrics`);
  if (answer?.status !== 200) return undefined;
  const states = [...answer.text.matchAll(STATE)].map(([, labels = '']) => labels);
  const instances = new Map(states.map((labels) => [label(labels, 'smmf_instance'), label(labels, 'state')]));
  return { instances, delayMs: Number(DELAY.exec(answer.text)?.[1] ?? Number.NaN) * 1_000 };
}

/** One metric of `/metrics`. */
export interface MetricRow {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram, in the metric's unit. */
  readonly buckets?: readonly number[];
}

/** Bounds that OpenTelemetry advises for generative AI. @see semantic conventions for GenAI metrics, v1.37, read 2026-11 */
const FIRST_TOKEN_BUCKETS = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const PER_TOKEN_BUCKETS = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5];
const DURATION_BUCKETS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const QUEUE_BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

const row = <N extends string>(
  name: N,
  type: MetricRow['type'],
  labels: readonly string[],
  help: string,
  buckets?: readonly number[],
): MetricRow & { readonly name: N } => ({ name, type, help, labels, ...(buckets ? { buckets } : {}) });

/**
 * Every metric of `/metrics`. Label values come from closed sets: `model` is a public model id or `_unknown`, `task` an
 * operation id, `outcome` is `ok` or an error code in lower case.
 */
export const METRICS = {
  requests: row('smmf_requests_total', 'counter', ['model', 'task', 'outcome'], 'Requests that have ended'),
  firstToken: row(
    'gen_ai_server_time_to_first_token_seconds',
    'histogram',
    ['model', 'task'],
    'From arrival to the first token of a streamed answer',
    FIRST_TOKEN_BUCKETS,
  ),
  perToken: row(
    'gen_ai_server_time_per_output_token_seconds',
    'histogram',
    ['model', 'task'],
    'Mean time between tokens after the first one of a streamed answer',
    PER_TOKEN_BUCKETS,
  ),
  duration: row(
    'gen_ai_server_request_duration_seconds',
    'histogram',
    ['model', 'task'],
    'From arrival to the end of a request',
    DURATION_BUCKETS,
  ),
  queueWait: row(
    'smmf_queue_wait_seconds',
    'histogram',
    ['model'],
    'Time in the queue of a request that reached an instance',
    QUEUE_BUCKETS,
  ),
  queueDepth: row('smmf_queue_depth', 'gauge', ['model'], 'Requests that wait for a free slot'),
  inFlight: row('smmf_requests_in_flight', 'gauge', ['model'], 'Requests that run on an instance'),
  retries: row('smmf_retries_total', 'counter', ['model'], 'Attempts beyond the first one of a request'),
  ejections: row('smmf_ejections_total', 'counter', [], 'Times that the router took an instance out after failures'),
  foreignFaults: row(
    'smmf_foreign_faults_total',
    'counter',
    ['part'],
    'Faults of code that is not ours: a balancer or a sink that threw or answered nonsense',
  ),
  instanceState: row(
    'smmf_instance_state',
    'gauge',
    ['instance', 'model', 'state'],
    '1 for the state in which an instance is as the router sees it',
  ),
  logLinesDropped: row(
    'smmf_log_lines_dropped_total',
    'counter',
    [],
    'Lines of the log that were lost: its reader was stuck, or took no more',
  ),
  tokens: row('smmf_tokens_total', 'counter', ['model', 'type'], 'Tokens by type: input or output'),
  leaseLeaks: row(
    'smmf_lease_leaks',
    'gauge',
    [],
    'Load leases that were not released in order; anything but 0 is a bug',
  ),
  eventLoopDelay: row(
    'smmf_event_loop_delay_seconds',
    'gauge',
    ['quantile'],
    'Delay of the event loop since the last scrape: median, 99th percentile and maximum (quantile 1)',
  ),
  residentMemory: row('process_resident_memory_bytes', 'gauge', [], 'Memory of the process that is in RAM'),
  heapUsed: row('nodejs_heap_size_used_bytes', 'gauge', [], 'JavaScript heap in use'),
  cpuSeconds: row('process_cpu_seconds_total', 'counter', [], 'CPU time of the process, user and system'),
  startTime: row('process_start_time_seconds', 'gauge', [], 'When the process started, seconds of the Unix epoch'),
} as const satisfies Record<string, MetricRow>;

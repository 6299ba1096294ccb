/** One metric of `/metrics`. */
export interface MetricRow {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram, in the metric's unit. */
  readonly buckets?: readonly number[];
  /** What several processes of one server say together; default the sum. */
  readonly together?: 'sum' | 'max' | 'min' | 'first';
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

const together = <N extends string>(how: MetricRow['together'], of: MetricRow & { readonly name: N }) => ({
  ...of,
  ...(how === undefined ? {} : { together: how }),
});

/**
 * Every metric of `/metrics`. Label values come from closed sets: `model` is a public model id or `_unknown`, `task` an
 * operation id, `outcome` is `ok` or an error code in lower case. Not `instance`, which Prometheus itself puts on every metric.
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
  registryStale: together('max', row('smmf_registry_stale_seconds', 'gauge', [], 'Since any registry answered last')),
  registryErrors: row('smmf_registry_errors_total', 'counter', ['code'], 'Failed reads of registries'),
  recordsRejected: row('smmf_registry_records_rejected_total', 'counter', ['reason'], 'Entries that were left out'),
  leasesLost: row('smmf_registry_leases_lost_total', 'counter', [], 'Own entries that had to be registered anew'),
  panics: row(
    'smmf_registry_panics_total',
    'counter',
    [],
    'States of the registry that showed less than half of the instances, and were not believed at once',
  ),
  suspects: together(
    'max',
    row('smmf_suspect_instances', 'gauge', [], 'Instances that the registry shows no more and that answer'),
  ),
  inFlight: row('smmf_requests_in_flight', 'gauge', ['model'], 'Requests that run on an instance'),
  retries: row('smmf_retries_total', 'counter', ['model'], 'Attempts beyond the first one of a request'),
  fallbacks: row(
    'smmf_fallbacks_total',
    'counter',
    ['from', 'to'],
    'Requests for the model `from` that ended with the model `to` in its place, well or not',
  ),
  attempts: row('smmf_attempts_total', 'counter', ['smmf_instance', 'outcome'], 'Attempts that have ended'),
  attemptFirstToken: row(
    'smmf_attempt_time_to_first_token_seconds',
    'histogram',
    ['smmf_instance'],
    'From the start of an attempt to its first token; for an answer that is not streamed, to the whole of it',
    FIRST_TOKEN_BUCKETS,
  ),
  attemptDuration: row(
    'smmf_attempt_duration_seconds',
    'histogram',
    ['smmf_instance'],
    'From the start of an attempt to its end',
    DURATION_BUCKETS,
  ),
  ejections: row('smmf_ejections_total', 'counter', [], 'Times that the router took an instance out after failures'),
  foreignFaults: row(
    'smmf_foreign_faults_total',
    'counter',
    ['part'],
    'Faults of code that is not ours: a balancer or a sink that threw or answered nonsense',
  ),
  instanceState: together(
    'max',
    row(
      'smmf_instance_state',
      'gauge',
      ['smmf_instance', 'model', 'state'],
      '1 for the state in which an instance is as the router sees it',
    ),
  ),
  engineStarts: together(
    'max',
    row('smmf_engine_starts_total', 'counter', ['smmf_instance'], 'Starts of an engine by this process'),
  ),
  engineCrashes: together(
    'max',
    row(
      'smmf_engine_crashes_total',
      'counter',
      ['smmf_instance'],
      'Times that an engine of this process ended by itself',
    ),
  ),
  engineRunning: together(
    'max',
    row(
      'smmf_engine_requests_running',
      'gauge',
      ['smmf_instance'],
      'Requests that the engine says it is running, those of others included',
    ),
  ),
  engineWaiting: together(
    'max',
    row(
      'smmf_engine_requests_waiting',
      'gauge',
      ['smmf_instance'],
      'Requests that the engine says are in its own queue',
    ),
  ),
  engineCacheUse: together(
    'max',
    row(
      'smmf_engine_kv_cache_usage_ratio',
      'gauge',
      ['smmf_instance'],
      'Share of its KV cache that the engine says is in use, 0 to 1',
    ),
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
  eventLoopDelay: together(
    'max',
    row(
      'smmf_event_loop_delay_seconds',
      'gauge',
      ['statistic'],
      'Delay of the event loop since the last scrape: median, p99 and max',
    ),
  ),
  buildInfo: together(
    'first',
    row('smmf_build_info', 'gauge', ['version', 'node'], '1, with the versions of SMMF and of Node as labels'),
  ),
  residentMemory: row('process_resident_memory_bytes', 'gauge', [], 'Memory of the process that is in RAM'),
  heapUsed: row('nodejs_heap_size_used_bytes', 'gauge', [], 'JavaScript heap in use'),
  cpuSeconds: row('process_cpu_seconds_total', 'counter', [], 'CPU time of the process, user and system'),
  startTime: together(
    'min',
    row('process_start_time_seconds', 'gauge', [], 'When the process started, seconds of the Unix epoch'),
  ),
} as const satisfies Record<string, MetricRow>;

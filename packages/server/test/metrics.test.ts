import { ERROR_CODES } from '@smmf/core';
import type { ErrorCode, RequestRecord, RouterStats } from '@smmf/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createLogger, createMetrics, METRICS, type Metrics } from '../src/index.ts';
import { createServer, jsonHeaders, KEY } from './harness.ts';

const OUTCOME: RequestRecord = {
  id: 'r',
  task: 'chat',
  asked: 'm',
  model: 'm',
  instance: 'i',
  attempts: 1,
  status: 200,
  errorCode: undefined,
  cause: undefined,
  endedBy: 'engine',
  stream: true,
  queueMs: 2,
  firstTokenMs: 30,
  totalMs: 130,
  contentEvents: 11,
  usage: undefined,
  requestBytes: 1,
  responseBytes: 1,
  attemptRecords: [],
};

function metrics(observe?: () => RouterStats): Metrics {
  const made = createMetrics(observe ? { observe } : {});
  onTestFinished(() => made.close());
  return made;
}

const STATS: RouterStats = {
  models: [{ id: 'm', inFlight: 3, queueDepth: 2 }],
  instances: [{ id: 'i-1', models: ['m', 'n'], state: 'ejected', inFlight: 0 }],
  ejections: 4,
  panics: 1,
  leaks: 0,
  faults: { balancer: 2 },
};

describe('a finished request', () => {
  it('counts by model, task and outcome', async () => {
    const made = metrics();
    made.record(OUTCOME);
    made.record({ ...OUTCOME, status: 502, errorCode: 'ENGINE_FAILED', attempts: 3 });
    made.record({ ...OUTCOME, model: undefined, status: 404, errorCode: 'MODEL_NOT_FOUND', attempts: 0 });
    const text = await made.text();
    expect(text).toContain('smmf_requests_total{model="m",task="chat",outcome="ok"} 1\n');
    expect(text).toContain('smmf_requests_total{model="m",task="chat",outcome="engine_failed"} 1\n');
    expect(text).toContain('smmf_requests_total{model="_unknown",task="chat",outcome="model_not_found"} 1\n');
    expect(text).toContain('smmf_retries_total{model="m"} 2\n');
    expect(text).toContain('smmf_queue_wait_seconds_count{model="m"} 2\n');
  });

  it('times the first token, each later token and the whole', async () => {
    const made = metrics();
    made.record(OUTCOME);
    const text = await made.text();
    expect(text).toContain('gen_ai_server_time_to_first_token_seconds_sum{model="m",task="chat"} 0.03\n');
    expect(text).toContain('gen_ai_server_time_per_output_token_seconds_sum{model="m",task="chat"} 0.01\n');
    expect(text).toContain('gen_ai_server_request_duration_seconds_sum{model="m",task="chat"} 0.13\n');
    expect(text).toContain('gen_ai_server_time_to_first_token_seconds_bucket{le="0.04",model="m",task="chat"} 1\n');
  });

  it('counts tokens where usage is known and prefers them to events', async () => {
    const made = metrics();
    made.record({ ...OUTCOME, usage: { prompt_tokens: 7, completion_tokens: 101, total_tokens: 108 } });
    made.record({ ...OUTCOME, stream: false, firstTokenMs: undefined, usage: { prompt_tokens: 1, total_tokens: 1 } });
    const text = await made.text();
    expect(text).toContain('smmf_tokens_total{model="m",type="input"} 8\n');
    expect(text).toContain('smmf_tokens_total{model="m",type="output"} 101\n');
    expect(text).toContain('gen_ai_server_time_per_output_token_seconds_sum{model="m",task="chat"} 0.001\n');
  });
});

it('counts every one of many requests, also between scrapes', async () => {
  const made = metrics();
  for (let count = 0; count < 1_000; count++) made.record(OUTCOME);
  expect(await made.text()).toContain('gen_ai_server_request_duration_seconds_count{model="m",task="chat"} 1000\n');
  made.record(OUTCOME);
  const text = await made.text();
  expect(text).toContain('gen_ai_server_request_duration_seconds_count{model="m",task="chat"} 1001\n');
  expect(text).toContain('smmf_requests_total{model="m",task="chat",outcome="ok"} 1001\n');
});

it('reads the router at each scrape', async () => {
  let stats = STATS;
  const made = metrics(() => stats);
  const text = await made.text();
  expect(text).toContain('smmf_requests_in_flight{model="m"} 3\n');
  expect(text).toContain('smmf_queue_depth{model="m"} 2\n');
  expect(text).toContain('smmf_instance_state{smmf_instance="i-1",model="n",state="ejected"} 1\n');
  expect(text).toContain('smmf_ejections_total 4\n');
  expect(text).toContain('smmf_lease_leaks 0\n');
  stats = { ...STATS, instances: [{ id: 'i-1', models: ['m'], state: 'ready', inFlight: 0 }], ejections: 5, leaks: 1 };
  const later = await made.text();
  expect(later).toContain('smmf_instance_state{smmf_instance="i-1",model="m",state="ready"} 1\n');
  expect(later).not.toContain('ejected"} 1');
  expect(later).toContain('smmf_ejections_total 5\n');
  expect(later).toContain('smmf_lease_leaks 1\n');
});

it('counts the lines that the log has lost, also through a child of its logger', async () => {
  const logger = createLogger({ destination: 99_999, pretty: false });
  const made = createMetrics({ logger: logger.child({ part: 'server' }) });
  onTestFinished(() => made.close());
  expect(await made.text()).toContain('smmf_log_lines_dropped_total 0\n');
  for (const text of ['one', 'two']) logger.info({}, text);
  logger.close();
  for (let scrape = 0; scrape < 2; scrape++) expect(await made.text()).toContain('smmf_log_lines_dropped_total 2\n');
  expect(await metrics().text()).toContain('smmf_log_lines_dropped_total 0\n');
});

it('shows exactly the metrics of the table, each with its type and labels', async () => {
  const load = { running: 1, waiting: 1, cacheUse: 0.1, sampledAtMs: 0 };
  const engines = () => [{ id: 'i', starts: 1, crashes: 0, load }];
  const registries = () => ({ staleMs: 1_500, errors: { registry_auth: 2 }, rejected: { unsigned: 3 }, lost: 4 });
  const made = createMetrics({ observe: () => STATS, engines, registries });
  onTestFinished(() => made.close());
  const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
  const attemptRecords = [{ instance: 'i', model: 'm', startedMs: 0, firstTokenMs: 1, endedMs: 2 }];
  made.record({ ...OUTCOME, usage, attempts: 2, attemptRecords, fallbackFrom: 'n' });
  const text = await made.text();
  const shown = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => `${name} ${type}`);
  expect(shown.sort()).toEqual(
    Object.values(METRICS)
      .map(({ name, type }) => `${name} ${type}`)
      .sort(),
  );
  expect(text).toContain('smmf_registry_stale_seconds 1.5\n');
  expect(text).toContain('smmf_registry_records_rejected_total{reason="unsigned"} 3\n');
  for (const { name, labels } of Object.values(METRICS)) {
    const line =
      text
        .split('\n')
        .find(
          (each) => each.startsWith(`${name}{`) || each.startsWith(`${name}_count{`) || each.startsWith(`${name} `),
        ) ?? '';
    expect([name, [...line.matchAll(/(\w+)="/g)].map(([, label]) => label)]).toEqual([name, labels]);
  }
});

it('shares nothing with other metrics of the process', async () => {
  const [one, two] = [metrics(), metrics()];
  one.record(OUTCOME);
  expect(await two.text()).not.toContain('outcome="ok"');
});

it('S25: made-up model names add no series', async () => {
  const { base, metrics: made } = createServer();
  const call = (model: string): Promise<{ statusCode: number }> =>
    base.inject({
      method: 'POST',
      url: '/v1/chat/completions',
      headers: { 'content-type': 'application/json' },
      payload: JSON.stringify({ model, messages: [1] }),
    });
  await call('first');
  const before = (await made.text()).split('\n').length;
  for (let index = 0; index < 500; index++) expect((await call(`made-up-${index}`)).statusCode).toBe(404);
  const text = await made.text();
  expect(text.split('\n')).toHaveLength(before);
  expect(text).toContain('{model="_unknown",task="chat",outcome="model_not_found"} 501\n');
  expect(text).not.toContain('made-up');
});

it('H29: a model that is called "other" or "unknown" is none of the unknown ones', async () => {
  const made = metrics();
  for (const model of ['other', 'unknown', undefined]) made.record({ ...OUTCOME, model });
  const text = await made.text();
  for (const model of ['other', 'unknown', '_unknown'])
    expect(text).toContain(`smmf_requests_total{model="${model}",task="chat",outcome="ok"} 1\n`);
});

it.each([
  ['a bad value', { messages: 5 }],
  ['a missing field', {}],
  ['a repeated key', '{"model":"chat","messages":[1],"n":1,"n":2}'],
  ['too deep a nesting', `{"model":"alias","messages":[1],"x":${'['.repeat(70)}${']'.repeat(70)}}`],
])('H29: a body that is refused for %s counts for the model that it names', async (_what, more) => {
  const { base, metrics: made, lines } = createServer();
  const payload = typeof more === 'string' ? more : JSON.stringify({ model: 'chat', ...more });
  const headers = { 'content-type': 'application/json' };
  const { statusCode } = await base.inject({ method: 'POST', url: '/v1/chat/completions', headers, payload });
  expect(statusCode).toBe(400);
  expect(await made.text()).toMatch(/smmf_requests_total\{model="chat",task="chat",outcome="\w+"\} 1\n/);
  expect(lines[0]?.fields.model).toBe('chat');
});

it.each([
  ['no model', '{}'],
  ['two of them', '{"model":"chat","model":"alias","messages":[1]}'],
  ['one that the key may not see', '{"model":"org/embed","messages":5}'],
  ['nothing that can be read', '{"model":"chat"'],
])('H29: a refused body that names %s counts for none', async (_what, payload) => {
  const { base, metrics: made } = createServer({ keys: [{ key: KEY, models: ['chat'] }] });
  await base.inject({ method: 'POST', url: '/v1/chat/completions', headers: jsonHeaders, payload });
  expect(await made.text()).toMatch(/smmf_requests_total\{model="_unknown",task="chat",outcome="\w+"\} 1\n/);
});

it('takes every error code for an outcome of its own', async () => {
  const made = metrics();
  const codes = Object.keys(ERROR_CODES) as ErrorCode[];
  for (const errorCode of codes) made.record({ ...OUTCOME, errorCode });
  const text = await made.text();
  for (const code of codes) {
    const line = `smmf_requests_total{model="m",task="chat",outcome="${code.toLowerCase()}"} 1\n`;
    expect(text).toContain(line);
  }
});

describe('attempts', () => {
  const attempt = { instance: 'i', model: 'm', startedMs: 5, endedMs: 105 };

  it('count and are timed by instance, with the fallbacks that they end in', async () => {
    const made = metrics();
    const attemptRecords = [
      { ...attempt, errorCode: 'ENGINE_FAILED' as const, engineStatus: 500 },
      { ...attempt, instance: 'j', model: 'n', startedMs: 110, firstTokenMs: 140, endedMs: 1_110 },
    ];
    made.record({ ...OUTCOME, model: 'n', fallbackFrom: 'm', attempts: 2, attemptRecords });
    made.record({ ...OUTCOME, attemptRecords: [attempt] });
    const text = await made.text();
    expect(text).toContain('smmf_attempts_total{smmf_instance="i",outcome="engine_failed"} 1\n');
    expect(text).toContain('smmf_attempts_total{smmf_instance="i",outcome="ok"} 1\n');
    expect(text).toContain('smmf_attempts_total{smmf_instance="j",outcome="ok"} 1\n');
    expect(text).toContain('smmf_fallbacks_total{from="m",to="n"} 1\n');
    expect(text).toContain('smmf_attempt_duration_seconds_sum{smmf_instance="j"} 1\n');
    expect(text).toContain('smmf_attempt_duration_seconds_count{smmf_instance="i"} 2\n');
    expect(text).toContain('smmf_attempt_time_to_first_token_seconds_sum{smmf_instance="j"} 0.03\n');
    expect(text).not.toContain('smmf_attempt_time_to_first_token_seconds_count{smmf_instance="i"} 1\n');
  });
});

it('tells crashes and load of the engines as they are at each scrape, and what it does not know not at all', async () => {
  let crashes = 1;
  const engines = () => [
    { id: 'i-0', starts: 2, crashes, load: { running: 3, waiting: 0, cacheUse: 0.5, sampledAtMs: 0 } },
    { id: 'i-1', starts: 1, crashes: 0 },
  ];
  const made = createMetrics({ engines, version: '1.2.3' });
  onTestFinished(() => made.close());
  await made.text();
  crashes = 2;
  const text = await made.text();
  expect(text).toContain('smmf_engine_crashes_total{smmf_instance="i-0"} 2\n');
  expect(text).toContain('smmf_engine_crashes_total{smmf_instance="i-1"} 0\n');
  expect(text).toContain('smmf_engine_starts_total{smmf_instance="i-0"} 2\n');
  expect(text).toContain('smmf_engine_requests_running{smmf_instance="i-0"} 3\n');
  expect(text).toContain('smmf_engine_requests_waiting{smmf_instance="i-0"} 0\n');
  expect(text).toContain('smmf_engine_kv_cache_usage_ratio{smmf_instance="i-0"} 0.5\n');
  expect(text).not.toContain('smmf_engine_requests_running{smmf_instance="i-1"}');
  expect(text).toContain(`smmf_build_info{version="1.2.3",node="${process.versions.node}"} 1\n`);
});

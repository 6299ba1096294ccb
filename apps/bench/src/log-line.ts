// CPU time of one line of the request log on its way to a descriptor: through the server's own buffer of lines, and through pino's
// sonic-boom. 31 rounds in one process, the ways in another order in each; ratios are taken within a round.
// `node --conditions=smmf-source apps/bench/src/log-line.ts`
import { closeSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setImmediate, setTimeout } from 'node:timers/promises';

const server = `${import.meta.dirname}/../../../packages/server`;
const { createLogger } = await import(`${server}/src/logger.ts`);
const { requestLog } = await import(`${server}/src/request-log.ts`);
const { pino } = createRequire(`${server}/package.json`)('pino');

const ROUNDS = 31;
const LINES = 20_000;
/** Lines of one turn of the event loop. */
const LINES_A_TURN = 20;
/** Longer than any of the ways holds a line back. */
const SETTLE_MS = 150;

const record = {
  id: 'req_01jdqf3k2v9x7c5b8n4m6p0s1t',
  task: 'chat',
  model: 'llama-3-8b',
  engineModel: 'llama-3-8b',
  instance: 'gpu-node-1/llama-3-8b/0',
  attempts: 1,
  status: 200,
  endedBy: 'complete',
  stream: true,
  queueMs: 0.04,
  firstTokenMs: 31.42,
  totalMs: 812.77,
  usage: { prompt_tokens: 211, completion_tokens: 96, total_tokens: 307 },
  requestBytes: 1_203,
  responseBytes: 24_310,
  caller: { key: 'team-a', address: '192.0.2.17' },
};

const descriptor = openSync('/dev/null', 'a');
const shared = { dest: descriptor, sync: false, maxLength: 2 ** 20, periodicFlush: 100 };
const destinations: Readonly<Record<string, unknown>> = {
  'line buffer': descriptor,
  'sonic-boom, 4 KiB at a time': pino.destination({ ...shared, minLength: 4_096 }),
  'sonic-boom, 16 KB at a time': pino.destination({ ...shared, minLength: 16_000 }),
};
const ways = Object.entries(destinations).map(([name, destination]) => {
  const us: number[] = [];
  return { name, us, log: requestLog(createLogger({ destination, pretty: false })) };
});

const medianOf = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[values.length >> 1] ?? 0;

for (let round = 0; round <= ROUNDS; round++) {
  for (const { us, log } of ways.toSorted(() => Math.random() - 0.5)) {
    const before = process.cpuUsage();
    for (let line = 1; line <= LINES; line++) {
      log({ ...record, requestBytes: line });
      if (line % LINES_A_TURN === 0) await setImmediate();
    }
    await setTimeout(SETTLE_MS);
    const { user, system } = process.cpuUsage(before);
    // The first round warms up.
    if (round > 0) us.push((user + system) / LINES);
  }
}
for (const { name, us } of ways) {
  const ratio = medianOf(us.map((each, index) => each / (ways[0]?.us[index] ?? 0)));
  console.log(`${name}: ${medianOf(us).toFixed(2)} µs a line, ${ratio.toFixed(2)} of the line buffer's`);
}
closeSync(descriptor);
process.exit();

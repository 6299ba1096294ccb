import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { Cluster } from './cluster/cluster.ts';
import { BACKENDS } from './registry/backends.ts';
import { render } from './report.ts';
import { controllerRows } from './rows/controller-rows.ts';
import { engineRows } from './rows/engine-rows.ts';
import { restartRows } from './rows/restart-rows.ts';
import { strangerRows } from './rows/stranger-rows.ts';
import { type RowResult, runRow } from './run-row.ts';

const ROWS = [...engineRows, ...controllerRows, ...restartRows, ...strangerRows];

const { values } = parseArgs({
  options: {
    /** Ten seconds for each fault in place of sixty. */
    short: { type: 'boolean', default: false },
    /** Rows by their names, with commas; default all. */
    only: { type: 'string' },
    /** File for the report. */
    output: { type: 'string' },
    /** http (the controllers' own), etcd or redis. */
    registry: { type: 'string', default: 'http' },
    /** Leaves configs and logs where something went wrong. */
    keep: { type: 'boolean', default: false },
    /** Requests each second. */
    rate: { type: 'string', default: '100' },
    /** Safeguards of the API servers that are switched off, with commas: the rows that need them must fail. */
    without: { type: 'string' },
  },
});
const only = values.only?.split(',');
const rows = ROWS.filter(({ id }) => only === undefined || only.includes(id));
const env = values.without === undefined ? {} : { SMMF_TEST_DISABLE: values.without };
const options = { faultMs: values.short ? 10_000 : 60_000, rate: Number(values.rate), limitMs: 10_000 };

const results: RowResult[] = [];
const backend = BACKENDS[values.registry];
if (!backend && values.registry !== 'http')
  throw new Error(`--registry is http, ${Object.keys(BACKENDS).join(' or ')}`);
let cluster = await Cluster.start({ env, backend });
/** Ends the cluster. */
async function end(isAmiss: boolean): Promise<void> {
  const keep = isAmiss && values.keep;
  await cluster.close({ keep });
  if (keep) console.log(`configs and logs are kept in ${cluster.folder}`);
}
try {
  for (const row of rows) {
    if (results.at(-1)?.isBroken) {
      await end(true);
      cluster = await Cluster.start({ env, backend });
    }
    const result = await runRow(row, cluster, options);
    results.push(result);
    console.log(`${result.verdict}: ${row.fault} (${result.seconds} s)`);
  }
} finally {
  await end(results.some(({ verdict }) => verdict !== 'passed'));
}
const text = render(results, {
  machine: `${cpus()[0]?.model ?? 'unknown CPU'}, ${availableParallelism()} cores, Node ${process.version}`,
  date: new Date().toISOString().slice(0, 10),
  registry: values.registry,
  form: `${options.rate} requests/s, half of them streamed; faults of ${options.faultMs / 1_000} s`,
});
console.log(text);
if (values.output !== undefined) writeFileSync(values.output, text);
process.exitCode = results.length > 0 && results.every(({ verdict }) => verdict === 'passed') ? 0 : 1;

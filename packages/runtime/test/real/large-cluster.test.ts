import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { expect, it } from 'vitest';
import { LARGE, type MeasurePlan, measure } from '../large-cluster/measure.ts';
import { exactVerdicts, render, timedVerdicts } from '../large-cluster/report.ts';

/** File for the report; with it everything is measured for longer, and times count, too. */
const report = process.env.SMMF_SCALE_REPORT;

const plan: MeasurePlan =
  report === undefined
    ? { firstReads: 1, changes: 4, quietMs: 6_000, pairs: 1, slices: 1 }
    : { firstReads: 5, changes: 60, quietMs: 60_000, pairs: 5, slices: 6 };

it('a thousand records cost those who read them one signature for one change, and nothing for a heartbeat', async () => {
  const measured = await measure(plan, (text) => console.log(text));
  const [exact, timed] = [exactVerdicts(measured), timedVerdicts(measured)];
  const machine = `${cpus()[0]?.model ?? 'unknown CPU'}, ${availableParallelism()} cores, Node ${process.version}`;
  const text = render([...timed, ...exact], measured, { plan, machine, date: new Date().toISOString().slice(0, 10) });
  console.log(text);
  for (const { instances } of measured.first) expect(instances).toBe(LARGE.records);
  if (report !== undefined) writeFileSync(report, text);
  const counted = report === undefined ? exact : [...exact, ...timed];
  expect(counted.filter(({ ok }) => !ok)).toEqual([]);
}, 400_000);

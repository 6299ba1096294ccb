import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster.ts';
import { MODEL } from '../cluster/layout.ts';
import { isAlive } from '../cluster/program.ts';
import { Stranger } from '../cluster/stranger.ts';
import { until } from '../cluster/until.ts';
import { UPSTREAM_MODEL } from '../cluster/upstreams.ts';
import { type Drill, type Finding, holds, hostOf, type Measure, type Row, within } from '../drill.ts';
import { MARK } from '../load/generator.ts';
import { attemptsAfter, victimOf } from './engine-rows.ts';
import { askSpare, startSpare } from './fresh-server.ts';

/** How long the stranger stays after all that, milliseconds. */
const STAY_MS = 2_000;

let stranger: Stranger | undefined;

/**
 * A stranger at the port of a dead instance. The API servers of the load have seen it die and leave it alone; one that starts now has
 * not, and goes there.
 */
async function takeOver(
  drill: Drill,
  dead: { readonly instance: string; readonly port: number; readonly model: string },
) {
  const { instance, port, model } = dead;
  stranger = new Stranger(MARK);
  await stranger.take(port);
  const sinceMs = Date.now();
  await startSpare(drill.cluster);
  const answers = await askSpare(drill.cluster, model);
  await delay(STAY_MS);
  const attempts = attemptsAfter(instance, sinceMs);
  const last: Measure = (aftermath) => within('last attempt after', attempts(aftermath).lastMs, 1_000);
  return [answers, ...told(stranger), last];
}

function told({ asked, promptBytes }: Stranger): readonly Finding[] {
  const list = [...asked].map(([what, count]) => `${what} (${count})`).join(', ');
  const isHarmless = asked.size > 0 && [...asked.keys()].every((what) => what.startsWith('GET '));
  return [
    holds('bytes of prompts that the stranger got', promptBytes === 0, String(promptBytes)),
    holds('what it was asked', isHarmless, list || 'nothing, so that the row shows nothing'),
  ];
}

async function leave({ spare }: Cluster): Promise<void> {
  await stranger?.close();
  stranger = undefined;
  await spare.program.kill();
}

const onHost: Row = {
  id: 'stranger-host',
  fault: "a stranger takes the port of a dead worker host's engine",
  async run(drill) {
    const victim = await victimOf(drill);
    const { program } = hostOf(drill.cluster, victim.host);
    program.signal('SIGKILL');
    process.kill(victim.pid, 'SIGKILL');
    await until('the engine is dead', 2_000, () => !isAlive(victim.pid));
    return takeOver(drill, { instance: victim.id, port: Number(new URL(victim.url).port), model: MODEL });
  },
  async heal(cluster) {
    await leave(cluster);
    for (const { program } of cluster.hosts) program.start();
  },
};

const onUpstream: Row = {
  id: 'stranger-upstream',
  fault: 'a stranger takes the port of a dead upstream that was attached as vLLM',
  load: () => ({ model: UPSTREAM_MODEL }),
  async run(drill) {
    const [victim] = drill.cluster.upstreams;
    if (!victim) throw new Error('no upstream is there to meet the fault');
    const instance = `${UPSTREAM_MODEL}-0`;
    drill.strike(instance);
    await victim.program.kill();
    return takeOver(drill, { instance, port: Number(new URL(victim.url).port), model: UPSTREAM_MODEL });
  },
  async heal(cluster) {
    await leave(cluster);
    for (const { program } of cluster.upstreams) program.start();
  },
};

/** Rows in which somebody else answers at an address of the cluster. */
export const strangerRows: readonly Row[] = [onHost, onUpstream];

import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster.ts';
import { answers } from '../cluster/http.ts';
import { HOSTS, MODEL, SERVERS } from '../cluster/layout.ts';
import { until } from '../cluster/until.ts';
import { type Finding, holds, type Row, within } from '../drill.ts';
import { askSpare, startSpare } from './fresh-server.ts';

/** Longest time between two heartbeats. */
const HEARTBEAT_MS = 5_500;
const START_MS = 30_000;
/** What a registry that is back gets to be heard of, before the tables are looked at for the last time; milliseconds. */
const AFTER_MS = 2_000;

const fellSilent = async (isAnswering: Promise<boolean>): Promise<Finding> =>
  holds('its address fell silent', !(await isAnswering));

const killed: Row = {
  id: 'registry-sigkill',
  fault: 'registry: SIGKILL, then started again',
  async run({ cluster: { registry }, faultMs, tableSizes }) {
    await registry.kill();
    const silent = await fellSilent(registry.answers());
    await delay(faultMs);
    await registry.start();
    await delay(AFTER_MS);
    return [silent, tableSizes()];
  },
  heal: ({ registry }) => registry.start(),
};

const stopped: Row = {
  id: 'registry-sigstop',
  fault: 'registry: SIGSTOP, then SIGCONT',
  async run({ cluster: { registry }, faultMs, tableSizes }) {
    await registry.pause(true);
    const silent = await fellSilent(registry.answers());
    await delay(faultMs);
    await registry.pause(false);
    await until('the registry answers again', 5_000, () => registry.answers());
    await delay(AFTER_MS);
    return [silent, tableSizes()];
  },
  heal: ({ registry }) => registry.pause(false),
};

const emptied: Row = {
  id: 'registry-empty',
  fault: 'registry: empty lists, by a proxy before the API servers',
  async run({ cluster: { registry }, faultMs, tableSizes }) {
    const before = registry.emptyAnswers;
    registry.empty(true);
    await delay(faultMs);
    registry.empty(false);
    await delay(AFTER_MS);
    const told = registry.emptyAnswers - before;
    return [holds('empty lists were told', told >= SERVERS, `${told} times`), tableSizes()];
  },
  heal: async ({ registry }) => registry.empty(false),
};

const wiped: Row = {
  id: 'registry-wiped',
  fault: 'registry: wiped (killed, started again with nothing on disk)',
  async run({ cluster, tableSizes }) {
    const { registry } = cluster;
    await registry.wipe();
    const { tookMs } = await until('a wiped registry lists all', 60_000, async () => {
      const ids = (await registry.listed()) ?? [];
      const count = (kind: string): number => ids.filter((id) => id.startsWith(kind)).length;
      return count(`${MODEL}-`) === HOSTS && count('_worker.') === HOSTS && count('_apiserver.') >= SERVERS;
    });
    await cluster.isWhole(START_MS);
    return [within('all listed after', tookMs, HEARTBEAT_MS + 2_000), tableSizes()];
  },
  heal: ({ registry }) => registry.start(),
};

const areAnswering = async ({ controllers }: Cluster): Promise<boolean> => {
  const found = await Promise.all(controllers.map(({ url }) => answers(`${url}/healthz`)));
  return found.some(Boolean);
};

const allGone: Row = {
  id: 'controllers-gone',
  fault: 'one controller SIGKILL, then all; an API server starts from its copies meanwhile',
  async run({ cluster, tableSizes }) {
    const { spare, controllers } = cluster;
    // It was there, and has left, as one that is started again later.
    await startSpare(cluster);
    await delay(1_500);
    spare.program.signal('SIGTERM');
    const code = await spare.program.ended(15_000);
    for (const { program } of controllers) {
      await program.kill();
      await delay(AFTER_MS);
    }
    const silent = await fellSilent(areAnswering(cluster));
    const tookMs = await startSpare(cluster);
    const serving = await askSpare(cluster, MODEL);
    const started = holds('it left in order before, and started', code === 0, `code ${code}, ${tookMs} ms`);
    return [silent, started, serving, tableSizes()];
  },
  async heal({ spare, controllers }) {
    await spare.program.kill();
    for (const { program } of controllers) program.start();
  },
};

/** Faults of the registry and the controllers. */
export const controllerRows: readonly Row[] = [killed, stopped, emptied, wiped, allGone];

import type { Cluster } from '../cluster/cluster.ts';
import { answers, look } from '../cluster/http.ts';
import type { Member } from '../cluster/layout.ts';
import { hasNginx } from '../cluster/nginx.ts';
import { until } from '../cluster/until.ts';
import { type Finding, holds, type Row, within } from '../drill.ts';

/** What `server.drain` of the drill's members says, and some for the end of the process; milliseconds. */
const DRAIN_MS = 15_000;
const WHOLE_MS = 30_000;

/** Ends a member in order. */
async function leave({ program, url }: Member): Promise<readonly Finding[]> {
  const startMs = performance.now();
  program.signal('SIGTERM');
  const code = await program.ended(DRAIN_MS);
  const tookMs = performance.now() - startMs;
  const { name } = program.order;
  const isSilent = !(await answers(`${url}/healthz`));
  return [
    within(`${name} ended after`, tookMs, DRAIN_MS),
    holds(`${name} ended in order`, code === 0 && isSilent, `code ${code}`),
  ];
}

const hostsRestarted: Row = {
  id: 'rolling-workers',
  fault: 'worker hosts restarted one after the other (SIGTERM)',
  async run({ cluster }) {
    const findings: Finding[] = [];
    for (const host of cluster.hosts) {
      findings.push(...(await leave(host)));
      host.program.start();
      await cluster.isWhole(WHOLE_MS);
    }
    return findings;
  },
  heal: async (cluster) => startAll(cluster.hosts),
};

const serversRestarted: Row = {
  id: 'rolling-servers',
  fault: 'API servers behind nginx restarted one after the other (SIGTERM)',
  load: (cluster) => ({ targets: [cluster.nginxUrl] }),
  hindrance: () => (hasNginx() ? undefined : 'nginx is not installed; apt-get install nginx-light'),
  async prepare(cluster) {
    cluster.nginx.start();
    await until('nginx answers', 5_000, () => answers(`${cluster.nginxUrl}/healthz`));
  },
  async run({ cluster }) {
    const findings: Finding[] = [];
    for (const server of cluster.servers) {
      findings.push(...(await leave(server)));
      server.program.start();
      await until('an API server is ready again', WHOLE_MS, async () => {
        return (await look(`${server.url}/readyz`))?.status === 200;
      });
      await cluster.isWhole(WHOLE_MS);
    }
    return findings;
  },
  async heal(cluster: Cluster) {
    await cluster.nginx.stop();
    startAll(cluster.servers);
  },
};

const startAll = (members: readonly Member[]): void => {
  for (const { program } of members) program.start();
};

/** Restarts in order. */
export const restartRows: readonly Row[] = [hostsRestarted, serversRestarted];

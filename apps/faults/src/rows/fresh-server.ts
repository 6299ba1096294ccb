import { Agent } from 'node:http';
import type { Cluster } from '../cluster/cluster.ts';
import { look } from '../cluster/http.ts';
import { until } from '../cluster/until.ts';
import { type Finding, holds } from '../drill.ts';
import { ask } from '../load/ask.ts';
import { MARK } from '../load/generator.ts';

const START_MS = 30_000;
/** Requests that a fresh server must answer, all at once: more than there are instances, so that each of them is tried. */
const ASKED = 12;

/** Starts the spare API server and waits until it is ready. @returns how long that took, milliseconds @throws NotInTime */
export async function startSpare({ spare }: Cluster): Promise<number> {
  spare.program.start();
  const { tookMs } = await until('a fresh API server is ready', START_MS, async () => {
    return (await look(`${spare.url}/readyz`))?.status === 200;
  });
  return tookMs;
}

/** Asks the spare API server alone some questions. */
export async function askSpare({ spare }: Cluster, model: string): Promise<Finding> {
  const agent = new Agent({ keepAlive: true });
  const question = { target: spare.url, model, limitMs: 10_000 };
  const asked = Array.from({ length: ASKED }, (_, index) => {
    const prompt = `${MARK} ${index} to a fresh server`;
    return ask({ ...question, prompt, answer: `echo: ${prompt}`, stream: index % 2 === 0 }, agent);
  });
  const answered = (await Promise.all(asked)).filter(({ outcome }) => outcome === 'ok').length;
  agent.destroy();
  return holds('a fresh API server answers', answered === ASKED, `${answered} of ${ASKED}`);
}

import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI from 'openai';
import { createSmmf } from 'smmf';
import { type Cluster, startCluster } from './start-cluster.ts';

// The engine of the test kit: it says what it is told, in a process of its own. Any engine plugin stands here instead.
const engine = '../../../packages/testkit/src/demo/demo-engine.ts';
const models = { demo: { engine, replicas: 2, tokenMs: 5 } };

const question = (content: string) => ({
  model: 'demo',
  messages: [{ role: 'user' as const, content }],
  stream: true as const,
});

/** Over HTTP, by OpenAI's own client. */
async function askByHttp({ url }: Cluster): Promise<string> {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0 });
  let text = '';
  for await (const chunk of await client.chat.completions.create(question('hello over HTTP')))
    text += chunk.choices[0]?.delta.content ?? '';
  return text;
}

/** As a function: an application that is a member of the cluster, without a listener of its own. */
async function askAsMember({ membership }: Cluster, stateDir: string): Promise<string> {
  await using member = await createSmmf({ ...membership, stateDir: join(stateDir, 'application') });
  await member.ready(AbortSignal.timeout(30_000));
  let text = '';
  for await (const chunk of member.chat(question('hello from inside'))) text += chunk.choices[0]?.delta.content ?? '';
  return text;
}

/** Composes a cluster, asks it in both ways and takes it down again. */
export async function runExample(say: (line: string) => void): Promise<void> {
  const stateDir = await mkdtemp(join(tmpdir(), 'smmf-cluster-'));
  const cluster = await startCluster({ models, stateDir, secret: randomBytes(24).toString('base64') });
  try {
    say(`over HTTP: ${await askByHttp(cluster)}`);
    say(`as a member: ${await askAsMember(cluster, stateDir)}`);
  } finally {
    await cluster.close();
    await rm(stateDir, { recursive: true, force: true });
  }
}

import { readFileSync } from 'node:fs';
import { BUILT_IN_BALANCERS, createRouter, DEFAULT_TIMEOUTS, type Transport } from '@smmf/router';
import { createHttpBase, openAiRoutes } from '@smmf/server';
import { testRecord } from '@smmf/testkit';
import { describe, expect, it } from 'vitest';

const OURS = /packages\/(?:router|server|protocol|core)\/src\//;

/** The frames of ours, innermost first, at the moment of the upstream write of a request that came over HTTP. */
async function framesAtTheWrite(): Promise<string[]> {
  let stack: string | undefined;
  const transport: Transport = () => ({
    post(_outgoing, listener) {
      const limit = Error.stackTraceLimit;
      Error.stackTraceLimit = 100;
      stack ??= new Error('here').stack ?? '';
      Error.stackTraceLimit = limit;
      setImmediate(() => {
        listener.onHead(200, () => 'application/json');
        listener.onData(Buffer.from('{"choices":[]}'));
        listener.onEnd(true);
      });
      const idle = (): void => undefined;
      return { pause: idle, resume: idle, abort: idle, settle: idle };
    },
    close: () => undefined,
  });
  const router = createRouter({ transport });
  const balancer = BUILT_IN_BALANCERS['power-of-two']();
  const settings = { id: 'model', aliases: [], balancer, fallbacks: [], timeouts: DEFAULT_TIMEOUTS, waitAtMostMs: 0 };
  router.configure({ models: [settings], administrative: new Map() });
  router.update({ generation: 'test', revision: 1, complete: true, asOfMs: 0, instances: [testRecord('a')] });
  const base = createHttpBase();
  openAiRoutes(base, {}, { router });
  const { url } = await base.listen({ port: 0 });
  const body = JSON.stringify({ model: 'model', messages: [{ role: 'user', content: 'x' }] });
  const answer = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json' },
  });
  expect(answer.status).toBe(200);
  await base.close();
  const lines = (stack ?? '').split('\n').slice(2);
  const end = lines.findIndex((line) => line.includes('node_modules/fastify'));
  return lines
    .slice(0, end)
    .filter((line) => OURS.test(line))
    .map((line) => line.trim());
}

describe('the path of a request', () => {
  it('has at most four frames of ours between fastify and the upstream write, which ARCHITECTURE.md names', async () => {
    const frames = await framesAtTheWrite();
    const names = frames.map((line) => /at (?:\S+\.)?(\S+) \(/.exec(line)?.[1] ?? line);
    expect(names).toEqual(['startWire', 'handle', 'handler']);
    const text = readFileSync(new URL('../../../ARCHITECTURE.md', import.meta.url), 'utf8');
    for (const name of names) expect(text).toContain(`\`${name}\``);
  });
});

import { readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { BUILT_IN_BALANCERS, createRouter, DEFAULT_TIMEOUTS } from '@smmf/router';
import { createHttpBase, openAiRoutes } from '@smmf/server';
import { createFakeEngine, testRecord } from '@smmf/testkit';
import { describe, expect, it, onTestFinished, vi } from 'vitest';

const OURS = /packages\/(?:router|server|protocol|core)\/src\//;

/** The frames of ours, innermost first, between fastify and the write to the engine's socket, for a request that came over HTTP. */
async function framesAtTheWrite(): Promise<string[]> {
  const engine = await createFakeEngine({ models: ['model'] });
  onTestFinished(() => engine.close());
  const router = createRouter();
  onTestFinished(() => router.drain(0));
  const balancer = BUILT_IN_BALANCERS['power-of-two']();
  const settings = { id: 'model', aliases: [], balancer, fallbacks: [], timeouts: DEFAULT_TIMEOUTS, waitAtMostMs: 0 };
  router.configure({ models: [settings], administrative: new Map() });
  const instances = [testRecord('a', { address: { url: engine.url } })];
  router.update({ generation: 'test', revision: 1, complete: true, asOfMs: 0, instances });
  const base = createHttpBase();
  onTestFinished(() => base.close());
  openAiRoutes(base, {}, { router });
  const { url } = await base.listen({ port: 0 });
  const ask = async (): Promise<void> => {
    const answer = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ model: 'model', messages: [{ role: 'user', content: 'x' }] }),
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.status).toBe(200);
    await answer.text();
  };
  // The second request finds a connection.
  await ask();
  let stack = '';
  const { write } = Socket.prototype;
  const spy = vi.spyOn(Socket.prototype, 'write').mockImplementation(function (this: Socket, ...args: unknown[]) {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 100;
    if (OURS.test(new Error('here').stack ?? '') && String(args[0]).startsWith('POST')) {
      stack ||= new Error('here').stack ?? '';
    }
    Error.stackTraceLimit = limit;
    return Reflect.apply(write, this, args) as boolean;
  });
  await ask();
  spy.mockRestore();
  const lines = stack.split('\n').slice(1);
  return lines
    .slice(
      0,
      lines.findIndex((line) => line.includes('node_modules/fastify')),
    )
    .filter((line) => OURS.test(line))
    .map((line) => line.trim());
}

describe('the path of a request', () => {
  it("has seven functions of ours between fastify and the engine's socket, which ARCHITECTURE.md names", async () => {
    const frames = await framesAtTheWrite();
    const names = frames.map((line) => /at (?:\S+\.)?(\S+) \(/.exec(line)?.[1] ?? line);
    expect(names).toEqual(['send', 'sendInTurn', 'carry', 'post', 'startWire', 'handle', 'handler']);
    const text = readFileSync(new URL('../../../ARCHITECTURE.md', import.meta.url), 'utf8');
    for (const name of names) expect(text).toContain(`\`${name}\``);
  });
});

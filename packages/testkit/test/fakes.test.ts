import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeClock, createFakeEngine, type FakeEngine, testContext, testEngineContext } from '../src/index.ts';

describe('the fake clock', () => {
  it('runs what falls due in order, each at its own time, and nothing that was cancelled', () => {
    const clock = createFakeClock(1_000);
    const ran: string[] = [];
    clock.after(20, () => ran.push(`b at ${clock.now()}`));
    clock.after(10, () => {
      ran.push(`a at ${clock.now()}`);
      clock.after(5, () => ran.push(`nested at ${clock.now()}`));
    });
    clock.after(15, () => ran.push('never'))();
    clock.advance(30);
    expect(ran).toEqual(['a at 10', 'nested at 15', 'b at 20']);
    expect(clock.wallMs()).toBe(1_030);
    expect(clock.pending).toBe(0);
  });
});

describe('the fake engine', () => {
  let engine: FakeEngine;
  beforeEach(async () => {
    engine = await createFakeEngine();
  });
  afterEach(() => engine.close());

  const ask = (body: object) =>
    fetch(`${engine.url}/chat/completions`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });

  it('answers as a healthy engine and keeps what it was asked', async () => {
    const answer = await ask({
      model: 'fake',
      max_tokens: 2,
      messages: [],
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(await answer.text()).toMatch(/"content":"w1 ".*"usage".*\[DONE\]/s);
    expect(engine.requests[0]?.json).toMatchObject({ model: 'fake', max_tokens: 2 });
  });

  it('does what its script says: statuses, resets, and death with a rebirth on the same port', async () => {
    engine.script(() => ({ status: 429, headers: { 'retry-after': '3' }, pieces: ['{}'] }));
    const refused = await ask({ model: 'fake', messages: [] });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '3']);
    engine.script(() => ({ pieces: ['{"a":'], after: 'reset', gapMs: 1 }));
    await expect(ask({ model: 'fake', messages: [] }).then((answer) => answer.text())).rejects.toThrow();
    await engine.kill();
    await expect(ask({ model: 'fake', messages: [] })).rejects.toThrow();
    await engine.revive();
    engine.script(undefined);
    expect((await ask({ model: 'fake', messages: [] })).status).toBe(200);
  });
});

describe('test contexts', () => {
  it('give a plugin what it needs', async () => {
    expect(testContext().signal.aborted).toBe(false);
    expect(await testEngineContext().modelFile('./x.gguf')).toMatch(/\/x\.gguf$/);
    await expect(testEngineContext().modelFile({ url: 'hf://a/b/c' })).rejects.toThrow(/local path/);
  });
});

import type { Worker } from '@smmf/core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ask, type Options, PLAIN_TEMPLATE, refusal, say, toldBy, tritonWorker } from '../ask.ts';
import { loadStandIn, STAND_INS } from './layouts.ts';
import { type RealTriton, realFolder, startTriton } from './server.ts';

const soon = () => AbortSignal.timeout(5_000);

describe.skipIf(realFolder === undefined)('a real Triton', () => {
  let triton: RealTriton;
  const workers: Worker[] = [];
  const workerFor = async (model: string, more: Options = {}): Promise<Worker> => {
    const { url, metrics } = triton;
    const worker = await tritonWorker({ url, metrics, model, template: PLAIN_TEMPLATE, ...more });
    workers.push(worker);
    return worker;
  };

  beforeAll(async () => {
    triton = await startTriton();
    for (const kind of Object.keys(STAND_INS)) await loadStandIn(triton.url, kind as keyof typeof STAND_INS);
  }, 300_000);
  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.close()));
  });
  afterAll(() => triton?.stop(), 30_000);

  it('is healthy with a model that is loaded, and names what it has in place of one that is not', async () => {
    const good = await workerFor('ensemble');
    expect(await good.health(soon())).toEqual({ live: true, ready: true });
    expect(good.models).toEqual([{ id: 'public', tasks: ['chat', 'completions'] }]);
    const bad = await workerFor('nope');
    const { live, ready, reason } = await bad.health(soon());
    expect({ live, ready }).toEqual({ live: true, ready: false });
    expect(reason).toMatch(/no model "nope".*ensemble \(READY\).*--load-model=nope/);
    expect(toldBy(await refusal(bad, say('a')))).toMatch(
      /^ENGINE_FAILED: The engine does not have the model.* \| .*no model "nope".*unknown model.*manage: true/,
    );
  });

  it('answers a stream piece by piece; the records prove that the limit was reached', async () => {
    const told = await ask(await workerFor('ensemble'), { ...say('one two three'), max_tokens: 4, stream: true });
    expect(told.texts).toEqual(['one', ' two', ' three', ' one']);
    expect(told).toMatchObject({ reasons: ['length'], adjusted: 'usage-estimated' });
    expect(told.usage).toEqual({ prompt_tokens: 4, completion_tokens: 4, total_tokens: 8 });
  });

  it('is told the stop texts, and answers no further than the first of them', async () => {
    const worker = await workerFor('ensemble');
    const told = await ask(worker, { ...say('one two three'), max_tokens: 20, stop: ['three'] });
    expect(told).toMatchObject({ text: 'one two', reasons: ['stop'] });
    // The model heeds whole words, and the first alone; the rest is cut here.
    const cut = await ask(worker, { ...say('one two three'), max_tokens: 20, stop: ['none', 'o th'] });
    expect(cut).toMatchObject({ text: 'one tw', reasons: ['stop'] });
  });

  it('answers the prompts of a completion one after another, each as a choice', async () => {
    const worker = await workerFor('ensemble');
    const told = await ask(worker, { prompt: ['a b', 'c d'], max_tokens: 2 });
    expect(told).toMatchObject({ texts: ['a', ' b', 'c', ' d'], reasons: ['length', 'length'] });
    expect(await refusal(worker, { prompt: [1, 2, 3] })).toMatchObject({ code: 'UNSUPPORTED_PARAMETER' });
  });

  it('hears of a call that is aborted, and cancels it', async () => {
    const worker = await workerFor('ensemble');
    const controller = new AbortController();
    const before = triton.log.match(/said \d+ cancelled True/g)?.length ?? 0;
    const asked = ask(worker, { ...say('a b'), max_tokens: 2_000 }, controller.signal, () => controller.abort());
    await expect(asked).rejects.toThrow();
    await expect.poll(() => triton.log.match(/said \d+ cancelled True/g)?.length, { timeout: 5_000 }).toBe(before + 1);
    const [, said] = [...triton.log.matchAll(/said (\d+) cancelled True/g)].at(-1) ?? [];
    expect(Number(said)).toBeLessThan(200);
  });

  it('hears of it when the answer is cut at a stop text, and when the worker is closed', async () => {
    const worker = await workerFor('ensemble');
    const cancelled = () => triton.log.match(/cancelled True/g)?.length ?? 0;
    const before = cancelled();
    await ask(worker, { ...say('one two'), max_tokens: 2_000, stop: ['e t'] });
    await expect.poll(cancelled, { timeout: 5_000 }).toBe(before + 1);
    const asked = ask(worker, { ...say('a b'), max_tokens: 2_000 }, undefined, () => void worker.close());
    await expect(asked).rejects.toMatchObject({ code: 'CLOSED' });
    await expect.poll(cancelled, { timeout: 5_000 }).toBe(before + 2);
  });

  it('tells its load by its metrics', async () => {
    const worker = await workerFor('ensemble');
    expect(await worker.load?.(soon())).toEqual({ waiting: 0, sampledAtMs: expect.any(Number) });
    const queue = Array.from({ length: 8 }, () => ask(worker, { ...say('a b'), max_tokens: 40 }));
    // Four instances of the model work; the other calls wait.
    await expect.poll(async () => (await worker.load?.(soon()))?.waiting, { timeout: 5_000 }).toBe(4);
    await Promise.all(queue);
    expect((await workerFor('ensemble', { metrics: false })).load).toBeUndefined();
  });

  it('loads a model that it finds unloaded, and unloads at the end what it has loaded', async () => {
    await fetch(`${triton.url}/v2/repository/models/ensemble/unload`, { method: 'POST', body: '{}' });
    const watcher = await workerFor('ensemble');
    await expect
      .poll(async () => (await watcher.health(soon())).reason, { timeout: 10_000 })
      .toMatch(/no model "ensemble" that is ready; its repository has .*ensemble \(UNAVAILABLE: unloaded\)/);
    const manager = await workerFor('ensemble', { manage: true });
    expect((await manager.health(soon())).reason).toMatch(/not loaded by Triton/);
    expect(await manager.health(soon())).toMatchObject({
      live: true,
      ready: false,
      reason: expect.stringMatching(/being loaded/),
    });
    await expect.poll(async () => (await manager.health(soon())).ready, { timeout: 15_000 }).toBe(true);
    expect((await ask(manager, { ...say('a'), max_tokens: 1 })).text).toBe('a');
    const guest = await workerFor('ensemble', { manage: true });
    expect(await guest.health(soon())).toMatchObject({ ready: true });
    await guest.close();
    expect(await watcher.health(soon())).toMatchObject({ ready: true });
    await manager.close();
    expect(await watcher.health(soon())).toMatchObject({ ready: false });
    const back = await workerFor('ensemble', { manage: true });
    await expect.poll(async () => (await back.health(soon())).ready, { timeout: 15_000 }).toBe(true);
    workers.splice(workers.indexOf(back), 1);
  }, 60_000);

  it('says why a model cannot be loaded', async () => {
    const worker = await workerFor('nope', { manage: true });
    await worker.health(soon());
    await expect
      .poll(async () => (await worker.health(soon())).reason, { timeout: 10_000 })
      .toMatch(/cannot load model "nope": HTTP \d+: failed to load 'nope'.*--model-repository/);
  });

  describe('with stand-ins for the layouts that need a GPU', () => {
    it('gets each request in the names and types of its inputs', async () => {
      const request = { ...say('INPUTS'), max_tokens: 9, seed: -7, temperature: 0, stop: ['\u0001'], user: 'me' };
      const given = async (model: string) => JSON.parse((await ask(await workerFor(model), request)).text);
      const classic = { text_input: 'INPUTS', max_tokens: 9, seed: 7, temperature: 0, top_k: 1, stop_words: '\u0001' };
      const asked = { return_num_input_tokens: true, return_num_output_tokens: true };
      expect(await given('bls')).toEqual({ ...classic, stream: true, exclude_input_in_output: true });
      expect(await given('plain')).toEqual({ ...classic, ...asked, exclude_input_in_output: true });
      expect(await given('llmapi')).toEqual({
        text_input: 'INPUTS',
        streaming: true,
        sampling_param_max_tokens: 9,
        sampling_param_seed: 7,
        sampling_param_temperature: 0,
        sampling_param_top_k: 1,
        sampling_param_stop: '\u0001',
        sampling_param_exclude_input_from_output: true,
        return_finish_reason: true,
      });
      const { sampling_parameters: sampling, ...rest } = await given('vllm');
      expect(rest).toEqual({
        ...asked,
        text_input: 'INPUTS',
        stream: true,
        exclude_input_in_output: true,
        return_finish_reason: true,
      });
      expect(JSON.parse(sampling)).toEqual({ max_tokens: 9, stop: ['\u0001'], seed: 7, temperature: 0 });
    });

    it('answers by one record where the model is not decoupled, with its own counts', async () => {
      const told = await ask(await workerFor('plain'), { ...say('one two three'), max_tokens: 5 });
      expect(told.texts).toHaveLength(1);
      expect(told).toMatchObject({ text: 'one two three one two', reasons: ['length'], adjusted: undefined });
      expect(told.usage).toEqual({ prompt_tokens: 3, completion_tokens: 5, total_tokens: 8 });
    });

    it('takes records that hold all of the text so far for what they are', async () => {
      const long = await ask(await workerFor('bls'), { ...say('one two three'), max_tokens: 8 });
      expect(long.text).toBe('one two three one two three one two');
      expect(long.texts.length).toBeGreaterThan(3);
      const short = await ask(await workerFor('bls'), { ...say('one two'), max_tokens: 2 });
      expect(short).toMatchObject({ text: 'one two', reasons: ['length'] });
    });

    it('gets the reason of the end and the counts where the model gives them', async () => {
      const vllm = await ask(await workerFor('vllm'), { ...say('a b c'), max_tokens: 4 });
      expect(vllm).toMatchObject({ text: 'a b c a', reasons: ['length'], adjusted: undefined });
      expect(vllm.usage).toEqual({ prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 });
      const llmapi = await ask(await workerFor('llmapi'), { ...say('a b c'), max_tokens: 4 });
      expect(llmapi).toMatchObject({ text: 'a b c a', reasons: ['length'], adjusted: 'usage-estimated' });
    });

    it.each([
      ['bls', 'LONG', /^CONTEXT_LENGTH_EXCEEDED: .*Prompt length \(9000\) exceeds maximum input length/],
      ['plain', 'LONG', /^CONTEXT_LENGTH_EXCEEDED: /],
      ['bls', 'BUSY', /^ENGINE_OVERLOADED: The engine is overloaded \| HTTP \d+: .*Exceeds maximum queue size/],
      ['plain', 'BUSY', /^ENGINE_OVERLOADED: .*HTTP \d+/],
      ['bls', 'CUT and', /^ENGINE_FAILED: The engine failed .* \| HTTP 200: .*the engine broke/],
      ['ensemble', 'FAIL it', /^ENGINE_FAILED: The engine failed .* \| HTTP \d+: .*the engine failed as asked/],
    ])('%s, told %s, fails by name', async (model, prompt, told) => {
      expect(toldBy(await refusal(await workerFor(model), { ...say(prompt), max_tokens: 8 }))).toMatch(told);
    });

    it('refuses what the model has no input for, and takes values that change nothing', async () => {
      const worker = await workerFor('ensemble');
      const request = say('a');
      expect(await refusal(worker, { ...request, frequency_penalty: 1 })).toMatchObject({
        code: 'UNSUPPORTED_PARAMETER',
        param: 'frequency_penalty',
      });
      const told = await ask(worker, { ...request, max_tokens: 1, frequency_penalty: 0, presence_penalty: 0, seed: 3 });
      expect(told.text).toBe('a');
    });
  });
});

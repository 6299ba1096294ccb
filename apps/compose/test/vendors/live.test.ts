import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createSmmf } from 'smmf';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { repositoryRoot } from '../../../../scripts/workspace.ts';
import { dialect as groq } from './dialects/groq.ts';
import { LIVE, type LiveRun, livePlan } from './live-list.ts';
import { createScriptedVendor, type ScriptedVendor } from './scripted-vendor.ts';

const moduleOf = (plugin: string): string => join(repositoryRoot, 'plugins', plugin, 'src/index.ts');

const { runs, skipped } = livePlan(process.env);
// No test stands for what is not called: a skipped one would count as something left undone.
for (const reason of skipped) console.log(reason);

/** SMMF before one real vendor. */
async function open({ plugin, model }: LiveRun) {
  const models = { live: { ...model, engine: moduleOf(plugin) } };
  const config = { version: 1, models } as unknown as Parameters<typeof createSmmf>[0];
  const smmf = await createSmmf(config);
  onTestFinished(() => smmf.close(0));
  await smmf.ready(AbortSignal.timeout(30_000));
  return smmf;
}

const ASKED = { model: 'live', messages: [{ role: 'user' as const, content: 'Say hello.' }] };

/** One chat, and one that is streamed. */
function callEach(run: () => LiveRun): void {
  it('answers a chat', async () => {
    const { choices, usage } = await (await open(run())).chat({ ...ASKED, stream: false });
    expect(choices[0]?.message.content).toMatch(/\w/);
    expect(usage?.total_tokens).toBeGreaterThan(0);
  });

  it('streams one', async () => {
    const smmf = await open(run());
    const response = await smmf.fetch('http://smmf/v1/chat/completions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...ASKED, stream: true, stream_options: { include_usage: true } }),
    });
    expect(response.status).toBe(200);
    const text = await response.text();
    expect(text).toMatch(/"content": ?"[^"]/);
    expect(text).toMatch(/"total_tokens": ?[1-9]/);
    expect(text.trimEnd()).toMatch(/data: ?\[DONE\]$/);
  });
}

for (const run of runs) describe(`the real ${run.name}`, () => callEach(() => run));

describe('a scripted vendor in place of a real one, so that these calls are right when they are made', () => {
  let vendor: ScriptedVendor;
  beforeAll(async () => {
    vendor = await createScriptedVendor(groq);
  });
  afterAll(() => vendor.close());

  callEach(() => {
    const model = { url: vendor.origin + groq.base, model: groq.models.chat, apiKey: groq.key };
    return { name: 'groq', plugin: 'proxy-openai', model };
  });
});

describe('the list of vendors that can be called', () => {
  it.each(Object.entries(LIVE))('%s names a package of ours', (_name, { plugin }) => {
    expect(existsSync(moduleOf(plugin))).toBe(true);
  });

  it('says in one line what it needs, and calls nobody unasked', () => {
    expect(livePlan({ OPENAI_API_KEY: 'sk-canary', SMMF_LIVE_OPENAI_MODEL: 'gpt-5-mini' })).toEqual({
      runs: [],
      skipped: [expect.stringMatching(/^skipped: calls of real vendors need SMMF_LIVE=openai/)],
    });
  });

  it('calls those that are named and have what they need, without reading their keys', () => {
    const env = { SMMF_LIVE: 'openai, azure,groq', OPENAI_API_KEY: 'sk-canary', GROQ_API_KEY: 'gsk-canary' };
    const plan = livePlan({ ...env, SMMF_LIVE_OPENAI_MODEL: 'gpt-5-mini', SMMF_LIVE_GROQ_MODEL: 'm' });
    expect(plan.runs.map(({ name }) => name)).toEqual(['openai', 'groq']);
    expect(plan.runs[1]?.model).toEqual({
      url: 'https://api.groq.com/openai/v1',
      model: 'm',
      apiKey: '$' + '{env:GROQ_API_KEY}',
    });
    const missing = 'AZURE_OPENAI_API_KEY and SMMF_LIVE_AZURE_MODEL and AZURE_OPENAI_RESOURCE';
    expect(plan.skipped).toEqual([`skipped: azure needs ${missing}`]);
    expect(JSON.stringify(plan)).not.toContain('canary');
  });

  it('refuses a name that is none', () => {
    expect(() => livePlan({ SMMF_LIVE: 'opanai' })).toThrow(/SMMF_LIVE names "opanai"; there are openai, azure/);
  });
});

import { join } from 'node:path';
import { createFakeEngine, type FakeEngine, PROVIDER_FAULTS, type ProviderFault } from '@smmf/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSmmf } from '../src/index.ts';

const ENGINE = join(import.meta.dirname, '../../../plugins/vllm/src/index.ts');
const PATIENCE_MS = 10_000;

/** pass: a whole right answer, or the right refusal; partial: most were answered; safe: an honest error; fail: anything else. */
type Verdict = 'pass' | 'partial' | 'safe' | 'fail';

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly errorCode: string | undefined;
  readonly isDone: boolean;
  readonly header: (name: string) => string | null;
}

async function engine(contextLength: number, script?: Parameters<FakeEngine['script']>[0]): Promise<FakeEngine> {
  const made = await createFakeEngine({ models: ['served'], contextLength });
  made.script(script);
  onTestFinished(() => made.close());
  return made;
}

/** SMMF before a provider and its fallback, with limits for people who wait. */
async function gateway({ primary, fallback }: ProviderFault) {
  const engines = { primary: await engine(1_000, primary), fallback: await engine(2_000, fallback) };
  const timeouts = { firstToken: '1s', interToken: '1s' };
  const of = ({ url }: FakeEngine) => ({ engine: ENGINE, url, timeouts });
  const smmf = await createSmmf({
    version: 1,
    server: { port: 0 },
    admin: { port: 0 },
    models: { main: { ...of(engines.primary), fallbacks: ['spare'] }, spare: of(engines.fallback) },
  });
  onTestFinished(() => smmf.close(100));
  await smmf.ready();
  const { server } = await smmf.listen();
  return { ...engines, url: server.url };
}

async function ask(url: string): Promise<Answer> {
  const messages = [
    { role: 'user', content: 'Count.' },
    { role: 'assistant', content: 'I count:' },
  ];
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'main', stream: true, max_tokens: 2, messages }),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  const body = await response.text();
  const events = body
    .split('\n\n')
    .flatMap((event) => (event.startsWith('data: {') ? [JSON.parse(event.slice(6))] : []));
  const failed = response.ok ? events.find((event) => event.error) : JSON.parse(body);
  return {
    status: response.status,
    text: events.map((event) => event.choices?.[0]?.delta?.content ?? '').join(''),
    errorCode: failed?.error.code,
    isDone: body.endsWith('data: [DONE]\n\n'),
    header: (name) => response.headers.get(name),
  };
}

const isWhole = ({ status, text, errorCode, isDone }: Answer): boolean =>
  status === 200 && isDone && errorCode === undefined && /^(?:one two |w0 w1 )$/.test(text);

function judge(answers: readonly Answer[], { refusal }: ProviderFault): Verdict {
  const right = answers.filter((answer) =>
    refusal === undefined ? isWhole(answer) : answer.errorCode === refusal && answer.status >= 400,
  );
  if (right.length === answers.length) return 'pass';
  const isHonest = answers.every(
    (answer) => right.includes(answer) || (answer.errorCode !== undefined && !answer.isDone),
  );
  if (!isHonest) return 'fail';
  return right.length > answers.length / 2 ? 'partial' : 'safe';
}

const rows: string[] = [];

describe('a provider with a fallback behind it', () => {
  it.each(PROVIDER_FAULTS.map((fault) => [fault.name, fault] as const))('%s', async (name, fault) => {
    const { url, primary, fallback } = await gateway(fault);
    const answers: Answer[] = [];
    for (let n = 0; n < (fault.requests ?? 1); n++) answers.push(await ask(url));
    const verdict = judge(answers, fault);
    const [last] = answers.slice(-1);
    const told = [last?.status, last?.errorCode].filter(Boolean).join(' ');
    const by = last?.header('x-smmf-model') === 'spare' ? 'fallback' : 'provider';
    rows.push(`| ${name} | ${verdict} | ${told} | ${by} | ${primary.requests.length} | ${fallback.requests.length} |`);
    expect(verdict).not.toBe('fail');
    if (name === 'accounting of a fail-over') {
      expect([last?.header('x-smmf-attempts'), last?.header('x-smmf-model')]).toEqual(['3', 'spare']);
    }
    if (fault.refusal !== undefined) expect(fallback.requests).toEqual([]);
  });

  it('comes out as docs/provider-faults.md says: at most five errors, none of them hidden', async () => {
    expect(rows).toHaveLength(16);
    expect(rows.filter((row) => row.includes('| safe |')).length).toBeLessThanOrEqual(5);
    const page = [
      '# Faults of providers',
      '',
      'Sixteen ways in which a provider fails, after a public benchmark of gateways, rebuilt in the scripted engine of `@smmf/testkit`: a streamed',
      'chat, a fallback behind the provider, `firstToken` and `interToken` of 1 s. Written by `packages/runtime/test/provider-faults.test.ts`',
      '(`-u` brings it up to date).',
      '',
      'pass: a whole right answer, or the right refusal, within 10 s · partial: most of several requests were answered · safe: an honest error ·',
      'fail: a wrong, cut or silent answer. A stream that fails after its first content cannot be asked for again: what the client has would come twice.',
      '',
      '| fault | verdict | the client gets | from | requests at the provider | at the fallback |',
      '| --- | --- | --- | --- | --- | --- |',
      ...rows,
      '',
    ].join('\n');
    await expect(page).toMatchFileSnapshot('../../../docs/provider-faults.md');
  });
});

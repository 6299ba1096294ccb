import { describe, expect, it, onTestFinished } from 'vitest';
import { BAD_INPUTS, type BadInput } from './bad-input-cases.ts';
import type { Json } from './dialect.ts';
import { chatBody, type Gateway, openGateway, post, type Surroundings } from './gateway.ts';
import { PROXY_PAIR } from './name-proxy.ts';
import { type Reading, readReply } from './reading.ts';
import { GIVEN_TOKEN } from './request-rules.ts';
import type { Answer } from './scripted-vendor.ts';
import { readDialect } from './vendor-list.ts';

async function ask({ url }: Gateway): Promise<Reading> {
  return readReply(await post(url, '/chat/completions', chatBody('chat', 'chat')));
}

async function open(dialect: BadInput['dialect'], model: Json, around: Surroundings = {}): Promise<Gateway> {
  const gateway = await openGateway(dialect, { chat: model }, around);
  onTestFinished(() => gateway.close());
  return gateway;
}

/** Everything that a client or an operator can read of it. */
async function readable({ smmf, log }: Gateway, { error }: Reading): Promise<string> {
  return [JSON.stringify([error, smmf.inspect(), await smmf.controller.instances()]), ...log].join('\n');
}

/** No secret of these tests is in a text, plain, encoded or as the second half of a pair. */
function expectNoSecret(text: string, secrets: readonly string[]): void {
  for (const secret of [...secrets, GIVEN_TOKEN, 'scripted-secret', PROXY_PAIR, PROXY_PAIR.split(':')[1] ?? '']) {
    for (const form of [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')]) {
      expect(text).not.toContain(form);
    }
  }
}

const asText = (value: unknown): readonly string[] => (typeof value === 'string' ? [value] : []);

describe('what an operator has wrong is told him', () => {
  it.each(BAD_INPUTS)('$name', async ({ dialect, model = {}, around, status, code, says, isOut, log = /./ }) => {
    const gateway = await open(dialect, model, around);
    const reading = await ask(gateway);
    expect(reading).toMatchObject({ status, error: { code, message: expect.stringMatching(says) } });
    const { ejections, instances } = gateway.smmf.inspect();
    expect(ejections).toBe(0);
    const reason = expect.stringMatching(says);
    const lane = { id: 'default', state: 'paused', code: 'CREDENTIALS_UNUSABLE', reason, forMs: expect.any(Number) };
    const whole = { id: 'chat-0', models: ['chat'], inFlight: 0 };
    expect(instances).toEqual([isOut ? { ...whole, state: 'paused', lanes: [lane] } : { ...whole, state: 'ready' }]);
    for (const { forMs = 0 } of instances[0]?.lanes ?? []) {
      expect(forMs).toBeGreaterThan(290_000);
      expect(forMs).toBeLessThanOrEqual(300_000);
    }
    // The instance itself is none the worse: another key would serve.
    expect(await gateway.smmf.controller.instances()).toMatchObject([{ state: 'ready', crashes: 0 }]);
    expect(gateway.log.join('\n')).toMatch(log);
    expectNoSecret(await readable(gateway, reading), [dialect.key, ...asText(model.apiKey)]);
  });
});

const REMEDY = 'are tenant, client id and secret right, and has the secret not expired';
const tokenText = (status: number, body: Json): Answer => ({
  status,
  headers: { 'content-type': 'application/json' },
  pieces: [JSON.stringify(body)],
});
const refusedToken = tokenText(401, { error: 'invalid_client', error_description: 'AADSTS7000222: expired' });

describe('a token host that refuses', () => {
  it('keeps the instance from being ready, and the client is told why', async () => {
    const script: Surroundings['script'] = ({ path }) => (path.endsWith('/token') ? refusedToken : undefined);
    const gateway = await open(await readDialect('azure-dated'), {}, { isUnready: true, script });
    const { smmf } = gateway;
    await expect.poll(async () => (await smmf.controller.instances())[0]?.state).toBe('down');
    const [instance] = await smmf.controller.instances();
    expect(instance?.reason).toMatch(
      new RegExp(`^no token: 127.* gave none \\(HTTP 401, invalid_client\\); ${REMEDY}`),
    );
    const reading = await ask(gateway);
    const message = expect.stringMatching(new RegExp(`chat-0 is down \\(no token: .*invalid_client\\); ${REMEDY}`));
    expect(reading).toMatchObject({ status: 503, error: { code: 'model_unavailable', message } });
    expect(gateway.vendor.calls).toEqual([]);
    expectNoSecret(await readable(gateway, reading), []);
  });

  it('when the last token has expired: no request goes out with it, and no instance is ejected', async () => {
    let given = 0;
    // 200 ms of life, so that its end comes within the test.
    const token = tokenText(200, { token_type: 'Bearer', access_token: GIVEN_TOKEN, expires_in: 0.2 });
    const script: Surroundings['script'] = ({ path }) => {
      if (!path.endsWith('/token')) return undefined;
      given++;
      return given === 1 ? token : refusedToken;
    };
    const gateway = await open(await readDialect('azure-dated'), {}, { script });
    const answers: Reading[] = [];
    await expect
      .poll(async () => {
        answers.push(await ask(gateway));
        return answers.at(-1)?.status;
      })
      .toBe(503);
    const [reading] = answers.slice(-1) as [Reading];
    const message = expect.stringMatching(new RegExp(`^Azure OpenAI gave no token: .*invalid_client\\); ${REMEDY}`));
    expect(reading.error).toMatchObject({ code: 'credentials_unusable', message });
    expect(gateway.vendor.calls).toHaveLength(answers.length - 1);
    expect(gateway.smmf.inspect().ejections).toBe(0);
    expectNoSecret(await readable(gateway, reading), []);
  });
});

describe('a proxy that refuses', () => {
  it.each([
    ['403 Forbidden', /proxy http:\/\/127\.0\.0\.1:\d+ refuses the connection \(HTTP 403\).*NO_PROXY/],
    ['407 Proxy Authentication Required', /refused the user name and password \(HTTP 407\); write them into its URL/],
  ])('with %s: the log and the instance say what to do, the client that nothing is reached', async (refusal, says) => {
    const gateway = await open(await readDialect('openai'), {}, { proxyRefuses: refusal });
    const { smmf, log } = gateway;
    const reading = await ask(gateway);
    expect(reading).toMatchObject({ status: 502, error: { code: 'engine_unreachable' } });
    // Behind a proxy it is ready from the start, and says what its probe met.
    await expect.poll(async () => (await smmf.controller.instances())[0]?.reason).toMatch(says);
    expect(await smmf.controller.instances()).toMatchObject([{ state: 'ready' }]);
    expect(log.join('\n')).toMatch(says);
    expect(smmf.inspect().ejections).toBe(0);
    expect(gateway.vendor.requests).toEqual([]);
    expectNoSecret(await readable(gateway, reading), ['sk-scripted']);
  });
});

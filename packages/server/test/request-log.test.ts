import { SmmfError } from '@smmf/core';
import { describe, expect, it } from 'vitest';
import { causeText } from '../src/index.ts';
import { events, failWith, json, outcome, type Script } from './fake-router.ts';
import { chatBody, createServer, jsonHeaders, KEY, type ServerSetup } from './harness.ts';

const CANARY = 'canary-7f3a9c2e';
const keys = [{ key: KEY, name: 'ci' }];
const post = async (setup: ServerSetup, payload: string | Buffer, url = '/v1/chat/completions') => {
  const server = createServer({ keys, ...setup });
  const response = await server.base.inject({ method: 'POST', url, headers: jsonHeaders, payload });
  return { ...server, response };
};

describe('the line of a request', () => {
  it('tells what became of it', async () => {
    const { lines } = await post({ script: events('data: [DONE]\n\n') }, chatBody({ stream: true }));
    expect(lines).toEqual([
      {
        level: 'info',
        text: 'request',
        fields: {
          id: expect.any(String),
          model: 'chat',
          task: 'chat',
          instance: 'i-1',
          attempts: 1,
          status: 200,
          code: undefined,
          endedBy: 'engine',
          stream: true,
          queueMs: 1,
          firstTokenMs: 20,
          totalMs: 120,
          promptTokens: 7,
          completionTokens: 11,
          requestBytes: chatBody({ stream: true }).length,
          responseBytes: 100,
          cause: undefined,
          key: 'ci',
          client: '127.0.0.1',
        },
      },
    ]);
  });

  it('names the model asked for where another name serves it, after a line for each attempt that failed before', async () => {
    const failed = { instance: 'i-0', model: 'big', startedMs: 1, endedMs: 21, engineStatus: 500 };
    const more = {
      asked: 'gpt',
      fallbackFrom: 'big',
      attempts: 2,
      attemptRecords: [
        { ...failed, errorCode: 'ENGINE_FAILED' as const, cause: new Error('HTTP 500: no memory') },
        { instance: 'i-1', model: 'chat', startedMs: 30, endedMs: 120 },
      ],
    };
    const script: Script = ({ sink, ...played }) => {
      sink.start({ status: 200, contentType: 'application/json', headers: {} });
      sink.end('{}');
      sink.done(outcome({ sink, ...played }, more));
    };
    const { lines } = await post({ script }, chatBody());
    expect(lines).toMatchObject([
      {
        level: 'warn',
        text: 'attempt failed',
        fields: {
          model: 'big',
          instance: 'i-0',
          attempt: 1,
          status: 500,
          code: 'engine_failed',
          totalMs: 20,
          cause: 'HTTP 500: no memory',
        },
      },
      { level: 'info', text: 'request', fields: { asked: 'gpt', model: 'chat', instance: 'i-1', status: 200 } },
    ]);
  });

  it('stands alone for a request whose only attempt failed', async () => {
    const attemptRecords = [
      { instance: 'i-0', model: 'chat', startedMs: 1, endedMs: 9, errorCode: 'ENGINE_FAILED' as const },
    ];
    const script: Script = (played) => failWith(played, new SmmfError('ENGINE_FAILED', 'x'), { attemptRecords });
    const { lines } = await post({ script }, chatBody());
    expect(lines.map(({ text }) => text)).toEqual(['request']);
  });

  it('is a warning for a failure and an error for a bug of ours', async () => {
    const failed = await post(
      { script: (played) => failWith(played, new SmmfError('ENGINE_FAILED', 'x')) },
      chatBody(),
    );
    const broken = await post({ script: (played) => failWith(played, new SmmfError('INTERNAL', 'x')) }, chatBody());
    expect([failed.lines[0]?.level, broken.lines[0]?.level]).toEqual(['warn', 'error']);
  });

  it('exists for a refusal too, with the field at fault and the model asked for', async () => {
    const { lines } = await post({}, JSON.stringify({ model: 'nope', messages: [1] }));
    expect(lines).toHaveLength(1);
    expect(lines[0]?.fields).toMatchObject({
      status: 404,
      code: 'model_not_found',
      param: 'model',
      requestedModel: 'nope',
      attempts: 0,
      endedBy: 'smmf',
    });
    expect(lines[0]?.fields.responseBytes).toBeGreaterThan(50);
  });
});

describe('S27: prompts', () => {
  const chat = (more: object): string =>
    JSON.stringify({ model: 'chat', messages: [{ role: 'user', content: CANARY }], ...more });
  it.each([
    ['served', chat({}), '/v1/chat/completions'],
    ['with a bad field', chat({ n: 99 }), '/v1/chat/completions'],
    ['with a bad stop', chat({ stop: [CANARY.repeat(99)] }), '/v1/chat/completions'],
    ['cut short', chat({}).slice(0, -3), '/v1/chat/completions'],
    [
      'nested too deep',
      chat({ x: JSON.parse(`${'['.repeat(70)}"${CANARY}"${']'.repeat(70)}`) }),
      '/v1/chat/completions',
    ],
    ['for an unknown model', chat({ model: 'nope' }), '/v1/chat/completions'],
    ['of another kind', JSON.stringify({ model: 'chat', prompt: { a: CANARY } }), '/v1/completions'],
    ['for embedding', JSON.stringify({ model: 'org/embed', input: CANARY, encoding_format: CANARY }), '/v1/embeddings'],
    ['for ranking', JSON.stringify({ model: 'org/embed', query: CANARY, documents: {} }), '/v1/rerank'],
    ['at a wrong path', chat({}), '/v1/chat'],
  ])('%s stand in no log line, error body or metric', async (_what, payload, url) => {
    const { lines, response, metrics } = await post({ script: json({}) }, payload, url);
    expect(JSON.stringify(lines) + response.body + (await metrics.text())).not.toContain(CANARY);
  });
});

describe('S20, S21: keys', () => {
  const fail: Script = (played) => failWith(played, new SmmfError('ENGINE_FAILED', 'x'));
  it.each([
    ['served', json({})],
    ['streamed', events('data: [DONE]\n\n')],
    ['failed', fail],
  ])('of callers stand in no log line, answer or metric when requests are %s or refused', async (_what, script) => {
    const { base, lines, metrics } = createServer({ keys, script });
    const good = `Bearer ${KEY}`;
    const chat = (more: object = {}) =>
      ({ method: 'POST', url: '/v1/chat/completions', payload: chatBody(more) }) as const;
    for (const [request, authorization] of [
      [chat(), good],
      [chat({ model: 'nope' }), good],
      [chat({ messages: 1 }), good],
      [{ ...chat(), payload: '{' }, good],
      [chat(), `${good}-wrong`],
      [chat(), `Basic ${KEY}`],
      [{ url: '/v1/models/nope' }, good],
      [{ method: 'DELETE', url: '/v1/models' }, good],
      [{ url: '/nowhere' }, good],
    ] as const) {
      const response = await base.inject({ ...request, headers: { ...jsonHeaders, authorization } });
      expect(response.body + JSON.stringify(response.headers)).not.toContain(KEY);
    }
    expect(lines.length).toBeGreaterThan(5);
    expect(JSON.stringify(lines) + (await metrics.text())).not.toContain(KEY);
  });
});

describe('S28: causes', () => {
  const secrets = [
    `Authorization: Bearer ${CANARY}`,
    `{"authorization":"Bearer ${CANARY}"}`,
    `authorization=Basic ${CANARY}`,
    `Incorrect API key provided: sk-${CANARY}`,
    `key sk-proj-${CANARY}_x rejected`,
    `https://user:${CANARY}@host.example/v1`,
    `https://host.example/v1?api_key=${CANARY}&x=1`,
    `https://host.example/v1?access_token=${CANARY}`,
    `api-key: ${CANARY}`,
    `"apiKey": "${CANARY}"`,
    `x-api-key=${CANARY}`,
    `password='${CANARY}'`,
    `client_secret: ${CANARY}`,
    `hf_${CANARY.replaceAll('-', '')}abc`,
  ];

  it.each(secrets)('lose the credential in %s', (text) => {
    const shown = `${causeText(new Error(`upstream said 401 ${text}`))}`;
    expect(shown).toMatch(/^upstream said 401/);
    expect(shown).not.toContain(CANARY);
    expect(shown).not.toContain(CANARY.replaceAll('-', ''));
  });

  it('are told with their own causes, at most 1 KiB', () => {
    expect(causeText(new Error('outer', { cause: new Error('inner', { cause: 'root' }) }))).toBe('outer: inner: root');
    expect(causeText(new Error('x'.repeat(5_000)))).toHaveLength(1_024);
    expect(causeText(undefined)).toBeUndefined();
  });

  it('stay out of the answer', async () => {
    const cause = new Error(`upstream ${CANARY}`);
    const { response, lines } = await post(
      { script: (played) => failWith(played, new SmmfError('ENGINE_FAILED', 'The engine failed', { cause })) },
      chatBody(),
    );
    expect(response.body).not.toContain(CANARY);
    expect(lines[0]?.fields.cause).toBe(`upstream ${CANARY}`);
  });

  it('S26: are scrubbed in linear time', () => {
    for (const piece of ['token', 'api_key=', 'Bearer ', '://', 'sk-', ' ', 'eyJ', '"']) {
      const startedMs = performance.now();
      causeText(new Error(piece.repeat(1_000_000 / piece.length)));
      expect(performance.now() - startedMs).toBeLessThan(10);
    }
  });
});

it('words of an engine are left out where the prompt is gone that they might repeat', () => {
  expect(causeText(new Error('HTTP 500: cannot parse THE PROMPT'), 'gone')).toMatch(/^HTTP 500: \[left out/);
});

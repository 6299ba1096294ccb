import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { createSmmf } from 'smmf';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { repositoryRoot } from '../../../../scripts/workspace.ts';

/** Secrets of the operator, none of which looks like a key to a pattern: they are found because they are known. */
const SECRETS = {
  zhipu: 'zhipucanaryid.zhipucanarysecretpart',
  client: 'entra canary/client+secret',
  token: 'entracanaryaccesstokenvalue',
  first: 'firstcanaryofthreekeys',
  second: 'secondcanaryofthreekeys',
  third: 'thirdcanary/of+three keys',
  azure: 'azurecanaryplainkey',
  header: 'headercanaryvalue',
} as const;
/** Tokens that were made of them, as the vendor saw them. */
const derived = new Set<string>();

const forms = (secret: string): string[] => [
  secret,
  encodeURIComponent(secret),
  JSON.stringify(secret).slice(1, -1),
  Buffer.from(secret).toString('base64').replaceAll('=', ''),
  Buffer.from(secret).toString('base64url'),
  Buffer.from(`Bearer ${secret}`).toString('base64').slice(12, -4),
];

/** All that the request held, in every form that a careless vendor may answer with. */
function echoOf({ headers }: IncomingMessage, body: string): string {
  const values = ['authorization', 'api-key', 'x-own'].flatMap((name) => headers[name] ?? []);
  for (const value of values) derived.add(value.replace(/^Bearer /, ''));
  const all = [...values, ...values.map((value) => value.replace(/^Bearer /, '')), body].join(' ');
  return [all, Buffer.from(all).toString('base64'), encodeURIComponent(all)].join(' ');
}

const json = (response: ServerResponse, status: number, value: unknown): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));

const chunk = (content: string): string =>
  `data: ${JSON.stringify({ id: 'x', choices: [{ index: 0, delta: { content }, finish_reason: null }] })}\n\n`;

/** What goes wrong, by name. */
const FAULTS: Readonly<Record<string, (echo: string, response: ServerResponse) => void>> = {
  refused: (echo, response) => json(response, 401, { error: { message: echo, code: 'invalid_api_key' } }),
  'bad request': (echo, response) => json(response, 400, { error: { message: echo, param: echo } }),
  text: (echo, response) => void response.writeHead(422, { 'content-type': 'text/plain' }).end(echo),
  page: (echo, response) => void response.writeHead(502, { 'content-type': 'text/html' }).end(`<html>${echo}`),
  failed: (echo, response) => json(response, 500, { error: echo, error_type: echo }),
  limited: (echo, response) => json(response, 429, { error: { message: echo, code: echo } }),
  elsewhere: (echo, response) =>
    void response.writeHead(302, { location: `https://elsewhere.invalid/?key=${encodeURIComponent(echo)}` }).end(),
  'inside 200': (echo, response) => json(response, 200, { error: { message: echo, code: 400 } }),
  'in a stream': (echo, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(`${chunk('x')}data: ${JSON.stringify({ error: { message: echo, code: echo } })}\n\n`);
  },
  'no event': (echo, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(`${chunk('x')}data: ${echo}\n\n`);
  },
  'no HTTP': (echo, response) => void response.socket?.end(`${echo}\r\n\r\n`),
  reset: (_, response) => void response.destroy(),
};

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readText(request);
  if (request.url?.includes('/oauth2/')) {
    derived.add(String(new URLSearchParams(body).get('client_secret')));
    json(response, 200, { access_token: SECRETS.token, expires_in: 3_600 });
    return;
  }
  const echo = echoOf(request, body);
  const [, name = ''] = /fault: ([\w ]+)/.exec(body) ?? [];
  (FAULTS[name] ?? FAULTS.refused)?.(echo, response);
}

const server = createServer((request, response) => void answer(request, response));
let origin = '';
beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const plugin = (name: string): string => join(repositoryRoot, 'plugins', name, 'src/index.ts');

/** One model for each way to show a key. A pause would keep later faults away, so that each fault has models of its own. */
function modelsFor(fault: string): Record<string, object> {
  const at = { url: `${origin}/v1`, timeouts: { total: '5s', queue: '100ms' }, model: 'large' };
  const keys = [SECRETS.first, SECRETS.second, SECRETS.third].map((key) => ({ key }));
  const entra = { tenant: 't', clientId: 'c', clientSecret: SECRETS.client, authority: origin };
  const slug = fault.replaceAll(' ', '-');
  return {
    [`zhipu-${slug}`]: { engine: plugin('proxy-zhipu'), auth: 'jwt', apiKey: SECRETS.zhipu, ...at },
    [`entra-${slug}`]: { engine: plugin('proxy-azure'), entra, ...at },
    [`azure-${slug}`]: { engine: plugin('proxy-azure'), apiKey: SECRETS.azure, ...at },
    [`keys-${slug}`]: { engine: plugin('proxy-openai'), keys, headers: { 'x-own': SECRETS.header }, ...at },
    [`embed-${slug}`]: { engine: plugin('proxy-zhipu'), tasks: ['embeddings'], apiKey: SECRETS.zhipu, ...at },
  };
}

/** Everything that was written, in the fullest form: errors with their causes, objects to the depth. */
const full = (value: unknown): string => inspect(value, { depth: 12, showHidden: true, maxStringLength: null });

it('shows no key, no secret and no token made of them: in answers, errors and their causes, logs of all levels, lanes and records', async () => {
  const seen: string[] = [];
  const note = (fields: object, words: string): void => void seen.push(full(fields), words);
  const levels = { fatal: note, error: note, warn: note, info: note, debug: note, trace: note };
  const logger = { ...levels, child: () => logger };
  const models = Object.assign({}, ...Object.keys(FAULTS).map(modelsFor));
  const config = { version: 1, models } as Parameters<typeof createSmmf>[0];
  const smmf = await createSmmf(config, { logger });
  try {
    await smmf.ready();
    const options = { onRecord: (record: object) => void seen.push(full(record)) };
    for (const fault of Object.keys(FAULTS)) {
      for (const model of Object.keys(modelsFor(fault))) {
        const messages = [{ role: 'user' as const, content: `fault: ${fault}` }];
        const stream = async (): Promise<void> => {
          for await (const piece of smmf.chat({ model, messages, stream: true }, options)) seen.push(full(piece));
        };
        const calls = model.startsWith('embed')
          ? [() => smmf.embeddings({ model, input: `fault: ${fault}` }, options)]
          : [() => smmf.chat({ model, messages }, options), stream];
        for (const call of calls) {
          const error = await Promise.resolve(call()).then(
            () => undefined,
            (caught: unknown) => caught,
          );
          expect(error, `${model}: ${fault}`).toBeInstanceOf(Error);
          seen.push(full(error), JSON.stringify(error), String((error as Error).stack));
        }
      }
    }
    seen.push(full(smmf.inspect()), JSON.stringify(await smmf.controller.instances()));
  } finally {
    await smmf.close(100);
  }
  // The vendor did see them, in all the forms that a key goes upstream.
  for (const name of ['first', 'second', 'third', 'azure', 'header', 'token'] as const) {
    expect([...derived]).toContain(SECRETS[name]);
  }
  expect([...derived].filter((token) => token.split('.').length === 3).length).toBeGreaterThan(0);
  const all = seen.join('\n');
  for (const secret of [...Object.values(SECRETS), ...derived]) {
    for (const form of forms(secret)) expect(all.includes(form), `${form} of ${secret.slice(0, 8)}…`).toBe(false);
  }
}, 60_000);

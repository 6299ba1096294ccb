import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Logger } from '@smmf/core';
import { createLogger } from '@smmf/server';
import { expect, it, onTestFinished } from 'vitest';
import { createSmmf } from '../src/index.ts';

const PATIENT = { timeout: 15_000 };
const PLUGINS = join(import.meta.dirname, '../../../plugins');
const KEYS = {
  server: 'canary-server/key+0123456789',
  named: 'canary-named-key-0123456789',
  admin: 'canary-admin-key-0123456789',
  vllm: 'canary vllm "key" 0123456789',
  proxy: 'canary-proxy-key-0123456789',
  user: 'canary-user-0123456789',
  password: 'canary-password-0123456789',
};
const { user, password, ...TOKENS } = KEYS;

/** What of the keys shows in a text, in whatever form. */
function shown(text: string, keys: readonly string[]): string[] {
  const forms = keys.flatMap((key) => [
    key,
    JSON.stringify(key).slice(1, -1),
    encodeURIComponent(key),
    Buffer.from(key).toString('base64').replace(/=+$/, '').slice(0, -1),
  ]);
  return text.split('\n').filter((line) => forms.some((form) => line.includes(form)));
}

/** Says back all that it was sent, in every way that engines and vendors do. */
function echo(request: IncomingMessage, response: ServerResponse): void {
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    const { authorization = '' } = request.headers;
    const sent = `${authorization} ${encodeURIComponent(authorization)} ${Buffer.from(authorization).toString('base64')}`;
    const text = `I do not like ${sent} at ${request.url}, nor ${Object.values(TOKENS).join(' ')}`;
    const [, status = '200', kind = ''] = /"(\d{3})-(\w+)"/.exec(body) ?? [];
    const json = JSON.stringify({ error: { message: text, code: kind === 'code' ? 400 : undefined } });
    if (request.method === 'GET') {
      response.writeHead(request.url?.endsWith('/models') ? 200 : 500, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify({
          object: 'list',
          data: [
            { id: 'm', object: 'model' },
            { id: text, object: 'model' },
          ],
        }),
      );
    } else if (kind === 'stream') {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(`data: ${json}\n\n`);
    } else if (kind === 'plain') {
      response.writeHead(Number(status), { 'content-type': 'text/plain', 'retry-after': '0' }).end(text);
    } else response.writeHead(Number(status), { 'content-type': 'application/json' }).end(json);
  });
}

async function startEcho(): Promise<number> {
  const server = createServer(echo).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** The log as this program writes it, and as a logger of an embedder's own gets it. */
function recording(kind: 'ours' | 'own'): { readonly logger: Logger; readonly text: () => string } {
  let text = '';
  const write = (line: string): void => {
    text += line;
  };
  if (kind === 'ours') return { logger: createLogger({ level: 'trace', destination: { write } }), text: () => text };
  const at = (fields: Readonly<Record<string, unknown>>, words: string): void =>
    write(
      `${JSON.stringify({ ...fields, words }, (_name, value) => (value instanceof Error ? String(value.stack) : value))}\n`,
    );
  const logger: Logger = { fatal: at, error: at, warn: at, info: at, debug: at, trace: at, child: () => logger };
  return { logger, text: () => text };
}

it.each(['ours', 'own'] as const)(
  'A6: no key of a config shows in log (%s), errors, metrics, admin API or faults',
  async (kind) => {
    const port = await startEcho();
    const { logger, text } = recording(kind);
    const seen: string[] = [];
    const env = { VLLM_KEY: KEYS.vllm };
    const config = {
      version: 1 as const,
      server: {
        port: 0,
        keys: [KEYS.server, { key: KEYS.named, name: 'named', scopes: ['inference' as const, 'metrics' as const] }],
      },
      admin: { port: 0, keys: [KEYS.admin] },
      models: {
        vllm: {
          engine: `${PLUGINS}/vllm/src/index.ts`,
          url: `http://127.0.0.1:${port}`,
          served: 'm',
          apiKey: `\${env:VLLM_KEY}`,
        },
        proxy: {
          engine: `${PLUGINS}/proxy-openai/src/index.ts`,
          url: `http://127.0.0.1:${port}/v1`,
          model: 'nope',
          apiKey: KEYS.proxy,
        },
        down: { engine: `${PLUGINS}/vllm/src/index.ts`, url: 'http://127.0.0.1:1', apiKey: KEYS.proxy },
      },
    };
    const smmf = await createSmmf(config, { logger, env });
    onTestFinished(() => smmf.close(100));
    const { server, admin } = await smmf.listen();
    await expect
      .poll(async () => (await smmf.controller.instances()).find(({ id }) => id === 'vllm-0')?.state, PATIENT)
      .toBe('ready');
    const ask = async (
      url: string,
      key: string,
      body?: object,
      headers: Record<string, string> = {},
    ): Promise<void> => {
      const response = await fetch(url, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      seen.push(JSON.stringify([...response.headers]), await response.text());
    };
    for (const key of [KEYS.server, KEYS.named, KEYS.admin]) {
      for (const content of [
        '200-json',
        '200-code',
        '200-plain',
        '400-json',
        '401-json',
        '404-plain',
        '429-json',
        '500-json',
        '500-plain',
        '503-plain',
      ]) {
        for (const stream of [false, true])
          await ask(`${server.url}/v1/chat/completions`, key, {
            model: 'vllm',
            stream,
            messages: [{ role: 'user', content }],
          });
      }
      await ask(`${server.url}/v1/chat/completions`, key, {
        model: 'vllm',
        stream: true,
        messages: [{ role: 'user', content: '200-stream' }],
      });
      await ask(`${server.url}/v1/chat/completions`, key, { model: key, messages: [] });
      await ask(`${server.url}/v1/chat/completions?key=${encodeURIComponent(key)}`, key, { model: 'vllm', [key]: 1 });
      await ask(`${server.url}/v1/models/${encodeURIComponent(key)}`, key);
      for (const path of ['/v1/models', '/metrics', '/readyz', `/${encodeURIComponent(key)}`])
        await ask(`${server.url}${path}`, key);
      for (const path of ['models', 'instances']) await ask(`${admin.url}/admin/v1/${path}`, key);
      await ask(`${admin.url}/admin/v1/instances/vllm-0/restart`, key, {});
    }
    const everything = [text(), ...seen].join('\n');
    expect(text().split('\n').length).toBeGreaterThan(40);
    expect(everything).toContain('[secret]');
    expect(shown(everything, Object.values(TOKENS))).toEqual([]);
  },
);

it('A6: credentials inside a URL show nowhere, whether it is taken or refused', async () => {
  const { logger, text } = recording('own');
  const url = `http://${user}:${password}@127.0.0.1:${await startEcho()}`;
  const models = { m: { engine: `${PLUGINS}/vllm/src/index.ts`, url, served: 'nope' } };
  const config = { version: 1 as const, server: { port: 0 }, admin: { port: 0 }, models };
  const seen: string[] = [];
  try {
    const smmf = await createSmmf(config, { logger });
    onTestFinished(() => smmf.close(100));
    const { server, admin } = await smmf.listen();
    await expect.poll(async () => (await smmf.controller.instances())[0]?.reason, PATIENT).toBeDefined();
    for (const path of [`${server.url}/readyz`, `${server.url}/metrics`, `${admin.url}/admin/v1/instances`])
      seen.push(await (await fetch(path)).text());
  } catch (fault) {
    seen.push(String(fault));
  }
  expect(seen.join('')).not.toBe('');
  expect(shown([text(), ...seen].join('\n'), [user, password])).toEqual([]);
});

it('A6: no key of a config shows in its faults', async () => {
  const models = {
    a: {
      engine: `${PLUGINS}/vllm/src/index.ts`,
      url: `ftp://${KEYS.user}:${KEYS.password}@127.0.0.1`,
      apiKey: KEYS.vllm,
      x: KEYS.proxy,
    },
    b: {
      engine: `${PLUGINS}/proxy-openai/src/index.ts`,
      apiKey: 5,
      slots: KEYS.proxy,
      timeouts: { total: KEYS.proxy },
    },
  };
  const server = {
    keys: [KEYS.server, KEYS.server, { key: KEYS.named, scope: [KEYS.admin] }],
    host: 'nowhere.invalid',
  };
  const fault: unknown = await createSmmf({ version: 1, server, models } as never).catch((error: unknown) => error);
  expect(fault).toMatchObject({ code: 'CONFIG_INVALID' });
  expect(shown(String(fault), Object.values(KEYS))).toEqual([]);
});

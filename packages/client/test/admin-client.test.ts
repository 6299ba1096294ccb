import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Secret } from '@smmf/core';
import { createDialer } from '@smmf/net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAdminClient } from '../src/index.ts';

describe('the admin client', () => {
  let server: Server;
  let url: string;
  let seen: string[] = [];
  let answer: { status: number; body: unknown } = { status: 200, body: {} };
  beforeEach(async () => {
    seen = [];
    server = createServer((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers.authorization ?? '-'}`);
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => void server.close());

  it('sends its key and reads what comes', async () => {
    const client = createAdminClient({ url, key: new Secret('k1') });
    answer = { status: 200, body: { id: 'op', state: 'done', action: 'drain', instance: 'a b', startedAtMs: 1 } };
    expect(await client.apply({ action: 'drain', instance: 'a b' })).toMatchObject({ id: 'op', state: 'done' });
    expect(await client.operation('op/1')).toMatchObject({ state: 'done' });
    answer = { status: 200, body: { data: [] } };
    expect(await client.instances()).toEqual([]);
    expect(seen).toEqual([
      'POST /admin/v1/instances/a%20b/drain Bearer k1',
      'GET /admin/v1/operations/op%2F1 Bearer k1',
      'GET /admin/v1/instances Bearer k1',
    ]);
    await client.close();
  });

  it('asks for the cluster and its hosts, of which a lost one has told nothing, and orders them', async () => {
    const client = createAdminClient({ url });
    const told = { id: 'a', epoch: 2, state: 'a later word', url: 'https://a:8001', labels: { zone: 'x' } };
    const hosts = [
      { ...told, kind: 'worker', standing: 'up', instances: ['m-0'] },
      { id: 'b', standing: 'lost', instances: [], later: 1 },
    ];
    answer = { status: 200, body: { data: hosts } };
    expect(await client.hosts()).toEqual([
      expect.objectContaining({ id: 'a', standing: 'up', state: 'leaving', labels: { zone: 'x' } }),
      { id: 'b', standing: 'lost', instances: [] },
    ]);
    const members = [{ ...told, kind: 'worker' }];
    const problems = [{ what: 'it is slow', remedy: 'wait' }];
    answer = { status: 200, body: { namespace: 'n', members, hosts, instances: { ready: 1, all: 2 }, problems } };
    expect(await client.cluster()).toMatchObject({ namespace: 'n', members: [{ kind: 'worker', id: 'a' }], problems });
    answer = { status: 200, body: { ...hosts[0], standing: 'cordoned' } };
    expect(await client.applyToHost({ action: 'cordon', host: 'a/b' })).toMatchObject({ standing: 'cordoned' });
    expect(seen).toEqual(['GET /admin/v1/hosts -', 'GET /admin/v1/cluster -', 'POST /admin/v1/hosts/a%2Fb/cordon -']);
    await client.close();
  });

  it.each([
    [401, 'INVALID_API_KEY'],
    [403, 'PERMISSION_DENIED'],
    [404, 'NOT_FOUND'],
    [400, 'INVALID_REQUEST'],
  ])('turns HTTP %i into %s with the words of the server', async (status, code) => {
    const client = createAdminClient({ url });
    answer = { status, body: { error: { message: 'words' } } };
    await expect(client.instances()).rejects.toMatchObject({ code, message: expect.stringContaining('words') });
    await client.close();
  });

  it('goes where its dialer goes', async () => {
    const client = createAdminClient({ url, dialer: createDialer({ egress: { deny: ['127.0.0.1'] } }) });
    await expect(client.instances()).rejects.toMatchObject({
      code: 'UNREACHABLE',
      cause: { message: expect.stringContaining('egress.deny') },
    });
    expect(seen).toEqual([]);
    await client.close();
  });

  it('says UNREACHABLE when nothing answers, and when it is something else', async () => {
    const client = createAdminClient({ url });
    answer = { status: 200, body: { hello: 'world' } };
    await expect(client.instances()).rejects.toMatchObject({ code: 'UNREACHABLE' });
    await client.close();
    server.close();
    const other = createAdminClient({ url });
    await expect(other.instances()).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringContaining('smmf start'),
    });
    await other.close();
  });
});

import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { freePorts } from '../src/cluster/ports.ts';
import { Stranger } from '../src/cluster/stranger.ts';
import { RegistryProxy } from '../src/registry/registry-proxy.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A registry that holds every question for a snapshot until it is told to answer. */
async function heldRegistry(): Promise<{ url: string; held: ServerResponse[] }> {
  const held: ServerResponse[] = [];
  const server: Server = createServer((incoming, outgoing) => {
    if (incoming.url?.startsWith('/registry/v1/snapshot?version')) held.push(outgoing);
    else outgoing.writeHead(200, { etag: '"real:7:true"' }).end(JSON.stringify({ entries: [{ id: 'one' }] }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, held };
}

async function proxied() {
  const registry = await heldRegistry();
  const port = await freePorts(1);
  const proxy = await RegistryProxy.listen(port, registry.url);
  ends.push(() => proxy.close());
  return { ...registry, proxy, url: `http://127.0.0.1:${port}` };
}

describe('the proxy before a registry', () => {
  it('answers a question that is held with an empty list as soon as lists are to be empty', async () => {
    const { url, held, proxy } = await proxied();
    const asked = fetch(`${url}/registry/v1/snapshot?version=real:7:true&waitMs=20000`);
    await expect.poll(() => held.length).toBe(1);
    proxy.isEmpty = true;
    const answer = await asked;
    expect(answer.headers.get('etag')).toBe('"emptied:1:true"');
    expect(await answer.json()).toMatchObject({ complete: true, entries: [] });
    expect(proxy.emptyAnswers).toBe(1);
  });

  it('holds the next question then, until lists are what they are again', async () => {
    const { url, proxy } = await proxied();
    proxy.isEmpty = true;
    const asked = fetch(`${url}/registry/v1/snapshot?version=emptied:1:true&waitMs=20000`);
    // Another question goes past the one that is held.
    await fetch(`${url}/registry/v1/snapshot`);
    proxy.isEmpty = false;
    expect((await asked).status).toBe(204);
    const { entries } = (await (await fetch(`${url}/registry/v1/snapshot`)).json()) as { entries: unknown };
    expect(entries).toEqual([{ id: 'one' }]);
  });

  it('lists what the registry itself has, also while it says otherwise', async () => {
    const { proxy } = await proxied();
    proxy.isEmpty = true;
    expect(await proxy.listed()).toEqual(['one']);
  });
});

describe('a stranger', () => {
  it('counts the bytes of prompts that it gets, and lists what else it is asked', async () => {
    const stranger = new Stranger('words of a prompt');
    ends.push(() => stranger.close());
    const port = await freePorts(1);
    await stranger.take(port);
    const url = `http://127.0.0.1:${port}`;
    await fetch(`${url}/.well-known/smmf/identity?nonce=1`);
    expect(stranger.promptBytes).toBe(0);
    const body = JSON.stringify({ messages: [{ content: 'some words of a prompt' }] });
    await fetch(`${url}/v1/chat/completions`, { method: 'POST', body });
    await expect.poll(() => stranger.promptBytes).toBe(body.length);
    expect([...stranger.asked.keys()]).toEqual(['GET /.well-known/smmf/identity', 'POST /v1/chat/completions']);
  });
});

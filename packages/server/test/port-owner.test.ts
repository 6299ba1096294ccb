import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { basename } from 'node:path';
import type { SmmfError } from '@smmf/core';
import { expect, it, onTestFinished } from 'vitest';
import { assertPortFree, createHttpBase } from '../src/index.ts';
import { portOwner } from '../src/port-owner.ts';

const isLinux = process.platform === 'linux';
if (!isLinux) console.warn('skipped: who listens at a port is known on Linux alone');

async function taken(host: string): Promise<number> {
  const server = createServer().listen(0, host);
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

it.skipIf(!isLinux)('finds the process that listens at a port, at any address', async () => {
  for (const host of ['127.0.0.1', '0.0.0.0', '::1']) expect(portOwner(await taken(host))?.pid).toBe(process.pid);
});

it.skipIf(!isLinux)('calls a process of Node by its program, not by the name of its main thread', async () => {
  const code =
    "require('net').createServer().listen(0, '127.0.0.1', function () { console.log(this.address().port); })";
  const child = spawn(process.execPath, ['-e', code]);
  onTestFinished(() => void child.kill());
  const [port] = await once(child.stdout, 'data');
  expect(portOwner(Number(port))).toEqual({ pid: child.pid, command: basename(process.execPath) });
});

it('knows nothing of a port at which nobody listens', () => {
  expect(portOwner(1)).toBeUndefined();
});

it.skipIf(!isLinux)('is named when a port is taken, with the listener and where to set another one', async () => {
  const port = await taken('127.0.0.1');
  const listener = { name: 'The admin API', setting: 'admin.port' };
  const failing = createHttpBase().listen({ host: '127.0.0.1', port, listener });
  const { code, message } = await failing.then(
    () => ({ code: 'none', message: '' }),
    (error: SmmfError) => error,
  );
  const place = `127.0.0.1:${port}`;
  expect(code).toBe('PORT_IN_USE');
  expect(message.startsWith(`The admin API cannot listen: ${place} is in use by process ${process.pid} (`)).toBe(true);
  expect(message.endsWith('); stop what listens there, or set admin.port to another port')).toBe(true);
});

it('a port can be asked for before anything is started: free ones are free again afterwards, taken ones are named', async () => {
  const listener = { name: 'The OpenAI API', setting: 'server.port' };
  await assertPortFree({ host: '127.0.0.1', port: 0, listener });
  const port = await taken('127.0.0.1');
  const asked = assertPortFree({ host: 'localhost', port, listener });
  await expect(asked).rejects.toMatchObject({
    code: 'PORT_IN_USE',
    message: expect.stringContaining('The OpenAI API cannot listen'),
  });
});

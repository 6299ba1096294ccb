import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createSmmf, type Smmf } from '../src/index.ts';
import { runSmmf } from './run-smmf.ts';
import { KEYS, openSmmf } from './terminal/terminal.ts';

// Each test starts the command several times.
vi.setConfig({ testTimeout: 60_000 });

const ENGINE = join(import.meta.dirname, '../../testkit/src/demo/demo-engine.ts');
let smmf: Smmf;
let url: string;

beforeAll(async () => {
  const models = { noisy: { engine: ENGINE, exitInStart: 3 }, chat: { engine: ENGINE, replicas: 2 } };
  smmf = await createSmmf({ version: 1, server: { port: 0 }, admin: { port: 0 }, models });
  url = (await smmf.listen()).admin.url;
  const told = async (): Promise<number> => (await smmf.controller.logs('noisy-0', {})).lines.length;
  await vi.waitFor(async () => expect(await told()).toBeGreaterThan(2), { timeout: 20_000 });
}, 30_000);
afterAll(() => smmf.close(1_000));

interface Line {
  readonly seq: number;
  readonly atMs: number;
  readonly text: string;
}

/** The admin API with instances as they are, and a log as a test writes it. */
async function scripted(lines: readonly Line[]): Promise<string> {
  const instances = await smmf.controller.instances();
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    const after = Number(searchParams.get('after'));
    const own = lines.filter(({ seq }) => seq > after).slice(-Number(searchParams.get('limit')));
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ object: 'list', data: pathname.endsWith('/logs') ? own : instances }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('smmf logs', () => {
  it('prints what an engine wrote, with the time; a model that has one instance names it', async () => {
    const { code, stdout } = await runSmmf(['logs', 'noisy', '--url', url]);
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^\d\d:\d\d:\d\d .*demo engine: leaving while it starts$/m),
    ]);
    const last = await runSmmf(['logs', 'noisy-0', '-n', '1', '--json', '--url', url]);
    expect(JSON.parse(last.stdout)).toMatchObject({ seq: expect.any(Number), text: expect.any(String) });
    const many = await runSmmf(['logs', 'chat', '--url', url]);
    expect(many).toMatchObject({ code: 2, stderr: expect.stringContaining('chat-0, chat-1') });
    const unknown = await runSmmf(['logs', 'noisy-1', '--url', url]);
    expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining('did you mean "noisy-0"?') });
    expect(await runSmmf(['logs', 'noisy', '-n', '0', '--url', url])).toMatchObject({ code: 2 });
  });

  it('follows until Ctrl-C, each line once, and lets no control character through', async () => {
    const atMs = Date.now();
    const lines: Line[] = [1, 2, 3].map((seq) => ({ seq, atMs, text: `line ${seq}` }));
    const terminal = openSmmf(['logs', 'noisy-0', '-n', '2', '-f', '--url', await scripted(lines)]);
    await terminal.shows(/^\S+ line 2\n\S+ line 3$/);
    lines.push({ seq: 4, atMs, text: 'four\u001b]0;title\u0007' }, { seq: 5, atMs, text: 'five\nsix' });
    await terminal.shows(/^\S+ line 2\n\S+ line 3\n\S+ four\]0;title\n\S+ five six$/);
    expect(terminal.raw()).not.toContain('\u001b]0');
    terminal.type(KEYS.interrupt);
    expect(await terminal.ended()).toBe(0);
  });
});

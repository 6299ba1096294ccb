import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '@smmf/testkit';
import { afterAll, expect, it } from 'vitest';
import { expectScreen } from './terminal/golden-screen.ts';
import { KEYS, openSmmf } from './terminal/terminal.ts';

const ENGINE = join(import.meta.dirname, '../../testkit/src/demo/demo-engine.ts');
const folder = mkdtempSync(join(tmpdir(), 'smmf-screens-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** `smmf start` of these models in a terminal, and what its screen shows in place of what differs from run to run. */
async function start(models: string, ...flags: string[]) {
  const [port, adminPort] = [await freePorts(), await freePorts()];
  const file = join(folder, 'smmf.yaml');
  writeFileSync(file, `version: 1\nserver: { port: ${port} }\nadmin: { port: ${adminPort} }\nmodels:\n${models}`);
  const terminal = openSmmf(['start', ...flags], { cwd: folder });
  const replaced = { [`:${port}`]: ':8100', [`:${adminPort}`]: ':8010' };
  return { terminal, port, replaced, url: `http://127.0.0.1:${port}` };
}

const body = (model: string, words: number): string =>
  JSON.stringify({
    ...{ model, stream: true },
    messages: [{ role: 'user', content: Array.from({ length: words }, (_, index) => `word${index}`).join(' ') }],
  });

const ask = (url: string, text: string): Promise<Response> =>
  fetch(`${url}/v1/chat/completions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: text });

it('start: it listens first and says so, then tells of each model, and of each request in one line', async () => {
  const { terminal, replaced, url } = await start(`  demo: { engine: ${ENGINE} }\n`);
  await terminal.shows('Try it:');
  await (await ask(url, body('demo', 3))).text();
  await terminal.shows(/\d\+\d+ tokens/);
  // The log is another stream: where among the rest its line about the instance comes is chance.
  const told = terminal
    .screen()
    .split('\n')
    .filter((line) => !line.endsWith(' ready demo-0'));
  await expectScreen('start', told.join('\n'), replaced);
  terminal.type(KEYS.interrupt);
  expect(await terminal.ended()).toBe(0);
});

it('a port in use: the last line names the listener, who has the port, and what to set', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { terminal, replaced } = await start(`  demo: { engine: ${ENGINE} }\n`, '--port', String(port));
  expect(await terminal.ended()).toBe(1);
  server.close();
  // Nothing was started, so that nothing else is told.
  const [last, ...others] = terminal.screen().split('\n').reverse();
  expect(others).toEqual([]);
  expect(last).toContain(`The OpenAI API cannot listen: 127.0.0.1:${port} is in use`);
  expect(last).toContain('set server.port or --port to another port');
  if (process.platform === 'linux') expect(last).toContain(`by process ${process.pid} (`);
  const owner = {
    [` by process ${process.pid} (${/\((\S+)\); stop/.exec(last ?? '')?.[1]})`]: ' by process 4711 (node)',
  };
  await expectScreen('port-in-use', `${last}\n`, { ...replaced, ...owner, [`:${port}`]: ':8100' });
});

it('a broken model: the others are served, and its reason stands there', async () => {
  const broken = `  broken: { engine: ${ENGINE}, failInStart: MODEL_LOAD_FAILED }\n`;
  const { terminal, replaced } = await start(`  demo: { engine: ${ENGINE} }\n${broken}`);
  await terminal.shows('Try it:');
  await terminal.shows('broken is failed: ');
  const told = terminal
    .screen()
    .split('\n')
    .filter((line) => /^(?:SMMF| {2}\S+ API|\w+ is )/.test(line));
  const [head, models] = [
    told.filter((line) => !line.includes(' is ')),
    told.filter((line) => line.includes(' is ')).sort(),
  ];
  await expectScreen('broken-model', [...head, ...models].join('\n'), replaced);
  terminal.type(KEYS.interrupt);
  expect(await terminal.ended()).toBe(0);
});

it('only broken models: it ends with 1, and the last line says why', async () => {
  const { terminal } = await start(`  broken: { engine: ${ENGINE}, failInStart: MODEL_LOAD_FAILED }\n`);
  expect(await terminal.ended()).toBe(1);
  expect(terminal.screen().split('\n').at(-1)).toMatch(
    /^Model "broken" cannot be served: The demo engine was told to fail/,
  );
});

it('--strict: one broken model ends it', async () => {
  const broken = `  broken: { engine: ${ENGINE}, failInStart: MODEL_LOAD_FAILED }\n`;
  const { terminal } = await start(`  demo: { engine: ${ENGINE} }\n${broken}`, '--strict');
  expect(await terminal.ended()).toBe(1);
  expect(terminal.screen().split('\n').at(-1)).toContain('Model "broken" cannot be served');
});

it('Ctrl-C with work running says how much, how long, and what a second one does; that ends streams with an error event', async () => {
  const { terminal, replaced, url } = await start(`  demo: { engine: ${ENGINE}, tokenMs: 100 }\n`);
  await terminal.shows('Try it:');
  const answer = await ask(url, body('demo', 5_000));
  const text = answer.text();
  const before = terminal.screen().split('\n').length;
  terminal.type(KEYS.interrupt);
  await terminal.shows('Stopping: 1 request is running');
  // A second signal counts from a second on.
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  terminal.type(KEYS.interrupt);
  expect(await terminal.ended()).toBe(1);
  expect(await text).toMatch(/data: \{"error":\{[^\n]*"server_shutting_down"[^\n]*\n\n$/);
  const told = terminal
    .screen()
    .split('\n')
    .slice(before)
    .filter((line) => !line.includes('INFO') && !/ (?:draining|gone) demo-0/.test(line));
  await expectScreen('ctrl-c', told.join('\n'), replaced);
});

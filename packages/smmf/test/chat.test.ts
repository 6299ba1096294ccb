import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFakeEngine, type FakeAnswer, type FakeEngine, streamPieces } from '@smmf/testkit';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { runSmmf } from './run-smmf.ts';
import { expectScreen } from './terminal/golden-screen.ts';
import { KEYS, openSmmf, type Terminal } from './terminal/terminal.ts';

// Each test starts the command several times.
vi.setConfig({ testTimeout: 60_000 });

const COLOUR = new RegExp(`${KEYS.escape}\\[[\\d;]*m`);
const head = { id: 'x', object: 'chat.completion.chunk', created: 1, model: 'fake' };
const event = (delta: object, finish_reason: string | null = null): string =>
  `data: ${JSON.stringify({ ...head, choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
const says = (...words: string[]): FakeAnswer => ({
  headers: { 'content-type': 'text/event-stream' },
  pieces: streamPieces('fake', words, true),
});

interface Place {
  readonly engine: FakeEngine;
  readonly url: string;
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  open(args?: readonly string[]): Terminal;
  /** The messages of the last request. */
  asked(): unknown;
}

async function place(models?: readonly string[]): Promise<Place> {
  const engine = await createFakeEngine(models ? { models } : {});
  const folder = mkdtempSync(join(tmpdir(), 'smmf-chat-'));
  onTestFinished(async () => {
    await engine.close();
    rmSync(folder, { recursive: true });
  });
  const url = engine.url.replace(/\/v1$/, '');
  const env = { XDG_STATE_HOME: folder };
  return {
    engine,
    url,
    folder,
    env,
    open: (args = []) => openSmmf(['chat', ...args, '--url', url], { cwd: folder, env }),
    asked: () => engine.requests.at(-1)?.json?.messages,
  };
}

describe('smmf chat at a terminal', () => {
  it('needs no name for the only model, keeps the conversation, and ends with /bye', async () => {
    const { engine, open, asked } = await place();
    engine.script((_, index) => (index === 0 ? says('**Paris**', ' is the\n', '- capital\n') : says('A city.')));
    const terminal = open();
    await terminal.shows(/>$/);
    terminal.type(`Which is the capital of France?${KEYS.enter}`);
    await terminal.shows(/capital\n>$/);
    terminal.type(`What is that?${KEYS.enter}`);
    await terminal.shows(/A city\.\n>$/);
    expect(asked()).toEqual([
      { role: 'user', content: 'Which is the capital of France?' },
      { role: 'assistant', content: '**Paris** is the\n- capital\n' },
      { role: 'user', content: 'What is that?' },
    ]);
    terminal.type(`/set temperature 0.2${KEYS.enter}`);
    await terminal.shows(/temperature is 0.2\n>$/);
    terminal.type(`/show${KEYS.enter}`);
    await terminal.shows(/temperature +0.2\n>$/);
    terminal.type(`/bye${KEYS.enter}`);
    expect(await terminal.ended()).toBe(0);
    await expectScreen('chat', `$ smmf chat\n${terminal.screen()}`);
  });

  it('takes pasted lines as one message, and lines between """ too', async () => {
    const { open, asked } = await place();
    const terminal = open(['fake']);
    await terminal.shows(/>$/);
    terminal.paste('first line\nsecond line\r\nthird');
    terminal.type(KEYS.enter);
    await terminal.shows(/w4\n>$/);
    expect(asked()).toEqual([{ role: 'user', content: 'first line\nsecond line\nthird' }]);
    terminal.type(`/clear${KEYS.enter}"""one${KEYS.enter}  two${KEYS.enter}three"""${KEYS.enter}`);
    await terminal.shows(/forgotten\n.*w4\n>$/);
    expect(asked()).toEqual([{ role: 'user', content: 'one\n  two\nthree' }]);
  });

  it('stops an answer with Ctrl-C and goes on; at the prompt a hint comes first, the second one ends', async () => {
    const { engine, open, asked } = await place();
    engine.script((_, index) =>
      index === 0 ? { ...says('so', ' far'), pieces: says('so', ' far').pieces.slice(0, 3), after: 'hang' } : undefined,
    );
    const terminal = open();
    await terminal.shows(/>$/);
    terminal.type(`tell me${KEYS.enter}`);
    await terminal.shows('so far');
    terminal.type(KEYS.interrupt);
    await terminal.shows(/so far\n\(stopped\)\n>$/);
    await expect.poll(() => engine.aborted).toBe(1);
    terminal.type(`go on${KEYS.enter}`);
    await terminal.shows(/w4\n>$/);
    expect(asked()).toEqual([
      { role: 'user', content: 'tell me' },
      { role: 'assistant', content: 'so far' },
      { role: 'user', content: 'go on' },
    ]);
    terminal.type(`not this${KEYS.interrupt}`);
    await terminal.shows(/>\n>$/);
    terminal.type(KEYS.interrupt);
    await terminal.shows(/Ctrl-C once more.*\n>$/);
    terminal.type(KEYS.interrupt);
    expect(await terminal.ended()).toBe(0);
    expect(engine.requests).toHaveLength(2);
  });

  it('tells an error, also one in the middle of an answer, and keeps the conversation as it was', async () => {
    const { engine, open, asked } = await place();
    const failed = [
      event({ content: 'half ' }),
      'data: {"error":{"message":"the GPU fell off","type":"x","code":"y"}}\n\n',
    ];
    engine.script((_, index) => {
      if (index === 0) return { headers: { 'content-type': 'text/event-stream' }, pieces: failed };
      if (index === 1) return { status: 400, pieces: ['{"error":{"message":"too \\u001b[31mlong","type":"x"}}'] };
      return undefined;
    });
    const terminal = open();
    await terminal.shows(/>$/);
    terminal.type(`one${KEYS.enter}`);
    await terminal.shows(/half ?\nerror: the GPU fell off\n>$/);
    terminal.type(`two${KEYS.enter}`);
    await terminal.shows(/error: too \[31mlong\n>$/);
    terminal.type(`three${KEYS.enter}`);
    await terminal.shows(/w4\n>$/);
    expect(asked()).toEqual([{ role: 'user', content: 'three' }]);
  });

  it('shows reasoning apart and dim, keeps it out of the conversation, and lets no control character through', async () => {
    const { engine, open, asked } = await place();
    const pieces = [
      event({ reasoning_content: 'Two and two' }),
      event({ reasoning_content: '…' }),
      event({ content: '4\u001b]0;title\u0007\u202e' }, 'stop'),
      'data: [DONE]\n\n',
    ];
    engine.script(() => ({ headers: { 'content-type': 'text/event-stream' }, pieces }));
    const terminal = open();
    await terminal.shows(/>$/);
    terminal.type(`2+2${KEYS.enter}`);
    await terminal.shows(/\(reasoning\)\nTwo and two…\n\(end of the reasoning\)\n\n4\]0;title\n>$/);
    expect(terminal.raw()).toContain('\u001b[2mTwo and two\u001b[22m');
    for (const control of ['\u001b]0', '\u202e']) expect(terminal.raw()).not.toContain(control);
    terminal.type(`again${KEYS.enter}`);
    await expect.poll(() => engine.requests.length).toBe(2);
    expect(JSON.stringify(asked())).not.toContain('Two');
  });

  it('knows what was typed at the start before, in a file for this user alone', async () => {
    const { open, folder } = await place();
    const first = open();
    await first.shows(/>$/);
    first.type(`remember me${KEYS.enter}`);
    await first.shows(/w4\n>$/);
    first.type(KEYS.endOfFile);
    expect(await first.ended()).toBe(0);
    const second = open();
    await second.shows(/>$/);
    second.type(KEYS.up);
    await second.shows(/> remember me$/);
    const file = join(folder, 'smmf/chat-history');
    expect(readFileSync(file, 'utf8')).toBe('remember me\n');
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('sets, saves and loads; what is not known is told with what is', async () => {
    const { open, folder, asked, engine } = await place();
    const terminal = open();
    await terminal.shows(/>$/);
    const enter = async (line: string, shown: RegExp): Promise<void> => {
      terminal.type(`${line}${KEYS.enter}`);
      await terminal.shows(shown);
    };
    await enter('/system Be brief.', /System message set\n>$/);
    await enter('/set temprature 1', /did you mean "temperature"\?\n>$/);
    await enter('/set top_p 7', /top_p is a number from 0 to 1, not "7"\n>$/);
    await enter('/set wrong', /known are .*max_tokens.*stop/);
    await enter('/set max_tokens 2', /max_tokens is 2\n>$/);
    await enter('hello', /w1\n\(cut: the limit of tokens was reached\)\n>$/);
    expect(engine.requests.at(-1)?.json).toMatchObject({ max_tokens: 2, model: 'fake' });
    await enter('/save my.json', /Saved to .*my\.json\n>$/);
    writeFileSync(join(folder, 'other.txt'), 'not a chat');
    await enter('/save other.txt', /other\.txt exists and holds no chat/);
    expect(readFileSync(join(folder, 'other.txt'), 'utf8')).toBe('not a chat');
    await enter('/clear', /forgotten\n>$/);
    await enter('/load my.json', /2 messages loaded\n>$/);
    await enter('and?', /and\?\nw0 w1\n.*\n>$/);
    expect(asked()).toMatchObject([
      { content: 'Be brief.' },
      { content: 'hello' },
      { content: 'w0 w1 ' },
      { content: 'and?' },
    ]);
    await enter('/hlep', /There is no \/hlep; did you mean "help"\?/);
    await enter('/help', /\/bye +end/);
    await enter('/etc/passwd is what?', /is what\?\nw0 w1/);
  });

  it('has no colours where NO_COLOR asks for none', async () => {
    const { url, folder, env } = await place();
    const terminal = openSmmf(['chat', '--url', url], { cwd: folder, env: { ...env, NO_COLOR: '1' } });
    await terminal.shows(/>$/);
    terminal.type(`hi${KEYS.enter}`);
    await terminal.shows(/w4\n>$/);
    expect(terminal.raw()).not.toMatch(COLOUR);
  });
});

describe('smmf chat elsewhere', () => {
  it('gives one answer to what is piped in or stands on the command line, and writes no history', async () => {
    const { engine, url, folder, env, asked } = await place();
    engine.script(() => ({ ...says('42'), pieces: [event({ reasoning_content: 'hm' }), ...says('42').pieces] }));
    const at = { cwd: folder, env: { ...process.env, ...env } };
    expect(await runSmmf(['chat', '--url', url], { ...at, input: 'the question\n' })).toEqual({
      code: 0,
      stdout: '42\n',
      stderr: '(reasoning)\nhm\n(end of the reasoning)\n',
    });
    await runSmmf(['chat', 'fake', 'What', 'is this?', '--url', url], { ...at, input: 'a file' });
    expect(asked()).toEqual([{ role: 'user', content: 'What is this?\n\na file' }]);
    expect(() => statSync(join(folder, 'smmf'))).toThrow('ENOENT');
  });

  it('exits 1 when the answer breaks off, 2 without a question', async () => {
    const { engine, url } = await place();
    engine.script(() => ({ ...says('half'), pieces: [event({ content: 'half' })], gapMs: 50, after: 'reset' }));
    expect(await runSmmf(['chat', '--url', url], { input: 'x' })).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('half'),
    });
    expect(await runSmmf(['chat', '--url', url])).toMatchObject({ code: 2 });
  });

  it('lists the models where none is named among several, or the name is not known', async () => {
    const { url } = await place(['small', 'large']);
    const many = await runSmmf(['chat', '--url', url], { input: 'x' });
    expect(many).toMatchObject({ code: 2, stderr: expect.stringContaining('small, large. Name one: smmf chat small') });
    const unknown = await runSmmf(['chat', 'smal', '--url', url], { input: 'x' });
    expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining('did you mean "small"?') });
    const strange = await runSmmf(['chat', 'gpt-4o', '--url', url], { input: 'x' });
    expect(strange.stderr).toContain('known are large, small');
  });
});

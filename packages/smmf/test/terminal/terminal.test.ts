import { expect, it } from 'vitest';
import { KEYS, openCommand, openSmmf } from './terminal.ts';

const node = (script: string) => openCommand(process.execPath, ['-e', script]);

it('shows a command its terminal: size, colours, what is drawn over, and the exit code', async () => {
  const terminal = node(
    `process.stdout.write('old\\r\\u001b[2K\\u001b[31mnew\\u001b[0m ' + process.stdout.columns + ' ' + process.stdin.isTTY + '\\n'); process.exitCode = 3`,
  );
  expect(await terminal.ended()).toBe(3);
  expect(terminal.screen()).toBe('new 100 true');
  expect(terminal.raw()).toContain('\u001b[31m');
});

it('types, pastes and interrupts as a person does', async () => {
  const terminal = node(`
    process.stdin.on('data', (text) => console.log(JSON.stringify(String(text))));
    process.on('SIGINT', () => { console.log('interrupted'); process.exit(7); });
    console.log('listening');
  `);
  await terminal.shows('listening');
  terminal.type(`hello${KEYS.enter}`);
  await terminal.shows(String.raw`"hello\n"`);
  terminal.type(KEYS.interrupt);
  await terminal.shows('interrupted');
  expect(await terminal.ended()).toBe(7);
});

it('runs the command smmf', async () => {
  const terminal = openSmmf(['--version']);
  expect(await terminal.ended()).toBe(0);
  expect(terminal.screen()).toMatch(/^\d+\.\d+\.\d+$/);
});

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { runInForeground } from '../foreground.mjs';

const modulePath = new URL('../foreground.mjs', import.meta.url).href;

/** A program that writes `ready`, then the name of each signal it gets, and ends at `signalsBeforeEnd` of them with code 7. */
const signalCounter = (signalsBeforeEnd: number) => `
  let left = ${signalsBeforeEnd};
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(name, () => { console.log(name); if (--left === 0) process.exitCode = 7, clearInterval(stay); });
  const stay = setInterval(() => {}, 1000);
  console.log('ready ' + process.pid);
`;

/** Waits until the text gathered from a pipe holds `part`. */
function gatherer() {
  let text = '';
  let wake = () => {};
  return {
    add(chunk: string) {
      text += chunk;
      wake();
    },
    async until(part: string): Promise<string> {
      while (!text.includes(part)) await new Promise<void>((resolve) => (wake = resolve));
      return text;
    },
    text: () => text,
  };
}

afterEach(() => vi.restoreAllMocks());

describe('runInForeground', () => {
  const run = (code: string, onStdout: (text: string) => void = () => {}) =>
    runInForeground(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'], onStdout });

  it("gives the child's exit code", async () => {
    expect(await run('process.exit(42)')).toBe(42);
  });

  it('gives 128 and the number of the signal that ended the child', async () => {
    expect(await run("process.kill(process.pid, 'SIGKILL')")).toBe(137);
  });

  it('gives 127 and says why when there is no such program', async () => {
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect(await runInForeground('/nonexistent/program', [])).toBe(127);
    expect(write.mock.calls.join()).toContain('cannot run /nonexistent/program');
  });

  it('passes signals that come together on as one SIGTERM', async () => {
    const output = gatherer();
    const ended = run(signalCounter(1), output.add);
    await output.until('ready');
    for (const signal of ['SIGINT', 'SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.emit(signal, signal);
    expect(await ended).toBe(7);
    expect(output.text().split('\n').slice(1)).toEqual(['SIGTERM', '']);
  });

  it('passes a second signal on when it comes a second after the first', async () => {
    const clock = vi.spyOn(performance, 'now').mockReturnValue(5_000);
    const output = gatherer();
    const ended = run(signalCounter(2), output.add);
    await output.until('ready');
    process.emit('SIGINT', 'SIGINT');
    await output.until('SIGTERM');
    clock.mockReturnValue(5_999);
    process.emit('SIGINT', 'SIGINT');
    clock.mockReturnValue(6_000);
    process.emit('SIGINT', 'SIGINT');
    expect(await ended).toBe(7);
    expect(output.text().match(/SIGTERM/g)).toHaveLength(2);
  });

  it('leaves no signal listener behind', async () => {
    const before = process.listenerCount('SIGTERM');
    await run('');
    expect(process.listenerCount('SIGTERM')).toBe(before);
  });

  it('asks the child to end when the parent of this process was killed', async () => {
    const middle = `
      import { runInForeground } from ${JSON.stringify(modulePath)};
      await runInForeground(process.execPath, ['-e', ${JSON.stringify(signalCounter(1))}], { watchParent: true });
      console.log('middle ended');
    `;
    const top = `
      const { spawn } = require('node:child_process');
      spawn(process.execPath, ['--input-type=module', '-e', ${JSON.stringify(middle)}], { stdio: 'inherit' });
    `;
    const parent: ChildProcess = spawn(process.execPath, ['-e', top], { stdio: ['ignore', 'pipe', 'inherit'] });
    const output = gatherer();
    parent.stdout?.setEncoding('utf8').on('data', output.add);
    await output.until('ready');
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    expect(await output.until('middle ended')).toContain('SIGTERM\n');
  });

  it('is not killed by copies of a signal that come until its very end', async () => {
    const program = `
      import { runInForeground } from ${JSON.stringify(modulePath)};
      process.exit(await runInForeground(process.execPath, ['-e', ${JSON.stringify(signalCounter(1))}]));
    `;
    for (let round = 0; round < 5; round++) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const output = gatherer();
      child.stdout.setEncoding('utf8').on('data', output.add);
      await output.until('ready');
      const ended = once(child, 'exit');
      const copies = setInterval(() => child.kill('SIGINT'), 1);
      child.kill('SIGINT');
      expect(await ended).toEqual([7, null]);
      clearInterval(copies);
    }
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import headless from '@xterm/headless';
import { expect, onTestFinished } from 'vitest';

const RELAY = join(import.meta.dirname, 'relay.py');
const MAIN = join(import.meta.dirname, '../../src/main.ts');

/** Keys as a terminal sends them. */
export const KEYS = {
  enter: '\r',
  interrupt: '\u0003',
  endOfFile: '\u0004',
  up: '\u001b[A',
  escape: '\u001b',
} as const;

/** How a command is started in a terminal. */
export interface TerminalOptions {
  readonly cwd?: string;
  /** Beside those of this process, of which CI and NO_COLOR are left out. */
  readonly env?: Readonly<Record<string, string>>;
  readonly columns?: number;
  readonly rows?: number;
  /** Another copy of the command. */
  readonly main?: string;
}

/** A command that runs in a terminal, as the person in front of it has it. */
export interface Terminal {
  /** Types: text and {@link KEYS}. */
  type(text: string): void;
  /** Pastes, as a terminal does that the program asked for bracketed paste. */
  paste(text: string): void;
  /** All lines that were shown, those that have scrolled away too, without colours; no blank ones at the end. */
  screen(): string;
  /** Every byte that was shown, colours and all. */
  raw(): string;
  /** Waits until the screen matches. */
  shows(pattern: RegExp | string, timeoutMs?: number): Promise<void>;
  /** The exit code, once it has ended. */
  ended(): Promise<number>;
}

/** Starts a command in a pseudo-terminal; what is left of it ends with the test. */
export function openCommand(command: string, args: readonly string[], options: TerminalOptions = {}): Terminal {
  const { cwd, columns = 100, rows = 40 } = options;
  const { CI: _ci, NO_COLOR: _color, FORCE_COLOR: _force, ...kept } = process.env;
  const env = { ...kept, TERM: 'xterm-256color', ...options.env };
  const relay = spawn('python3', [RELAY, String(columns), String(rows), command, ...args], { cwd, env });
  const emulator = new headless.Terminal({ cols: columns, rows, scrollback: 10_000, allowProposedApi: true });
  const left = once(relay, 'close');
  let raw = '';
  relay.stdout.setEncoding('utf8').on('data', (text: string) => {
    raw += text;
    emulator.write(text);
  });
  relay.stderr.on('data', (text) => process.stderr.write(text));
  relay.stdin.on('error', () => undefined);
  onTestFinished(async () => {
    relay.stdin.end();
    const timer = setTimeout(() => relay.kill('SIGKILL'), 5_000);
    await left;
    clearTimeout(timer);
  });
  const screen = (): string => screenOf(emulator);
  return {
    type: (text) => void relay.stdin.write(text),
    paste: (text) => void relay.stdin.write(`\u001b[200~${text}\u001b[201~`),
    screen,
    raw: () => raw,
    shows: (pattern, timeoutMs = 15_000) => expect.poll(screen, { timeout: timeoutMs, interval: 20 }).toMatch(pattern),
    async ended() {
      const [code] = await left;
      await new Promise<void>((written) => emulator.write('', written));
      return code as number;
    },
  };
}

/** Starts `smmf` of these sources in a pseudo-terminal. */
export function openSmmf(args: readonly string[], options: TerminalOptions = {}): Terminal {
  const { main = MAIN } = options;
  return openCommand(process.execPath, ['--conditions=smmf-source', main, ...args], options);
}

/** Lines that the emulator wrapped are one line again. */
function screenOf({ buffer: { active } }: InstanceType<typeof headless.Terminal>): string {
  const lines: string[] = [];
  for (let row = 0; row < active.length; row++) {
    const line = active.getLine(row);
    const text = line?.translateToString(true) ?? '';
    if (line?.isWrapped && lines.length > 0) lines[lines.length - 1] += text;
    else lines.push(text);
  }
  return lines
    .map((line) => line.trimEnd())
    .join('\n')
    .trimEnd();
}

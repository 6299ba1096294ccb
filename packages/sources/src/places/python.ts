import { spawn } from 'node:child_process';
import { SmmfError } from '@smmf/core';
import type { Environment } from '../http.ts';

/** How a Python process is run. */
export interface PythonOptions {
  readonly cwd: string;
  readonly env: Environment;
  readonly signal: AbortSignal;
  /** Ends the process when it neither printed anything nor `tick` saw anything new for so long. */
  readonly stallMs: number;
  /** Called five times a second; true = something happened since the last call. What it throws ends the process. */
  readonly tick?: (output: string) => Promise<boolean>;
}

/** What a Python process has left behind. */
export interface PythonResult {
  readonly exitCode: number;
  /** The last 8,000 characters of its output and error output, mixed. */
  readonly output: string;
}

const TICK_MS = 200;
const KILL_AFTER_MS = 2_000;
const MAX_OUTPUT = 8_000;

// What Python and pip need to find themselves, an index, proxies and certificates; keys of other services stay here.
const PASSED_ON =
  /^(?:PATH|HOME|USER|LANG|LC_\w+|PIP_\w+|PYENV_\w+|VIRTUAL_ENV|XDG_\w+|SSL_CERT_\w+|REQUESTS_CA_BUNDLE|(?:https?|no|all)_proxy|SYSTEMROOT|PATHEXT|USERPROFILE|APPDATA|LOCALAPPDATA)$/i;

/** Runs `python3` with an argument list, never through a shell. */
export async function runPython(args: readonly string[], options: PythonOptions): Promise<PythonResult> {
  const { cwd, signal, stallMs, tick } = options;
  signal.throwIfAborted();
  const passed = Object.fromEntries(Object.entries(options.env).filter(([name]) => PASSED_ON.test(name)));
  const env = { ...passed, PYTHONUNBUFFERED: '1', TMPDIR: cwd, TEMP: cwd, TMP: cwd };
  const child = spawn(process.platform === 'win32' ? 'python' : 'python3', args, {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let lastSignMs = performance.now();
  const listen = (chunk: Buffer): void => {
    output = (output + chunk.toString('utf8')).slice(-MAX_OUTPUT);
    lastSignMs = performance.now();
  };
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  let isStalled = false;
  const stop = (): void => {
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS).unref();
  };
  let fault: unknown;
  const look = async (): Promise<void> => {
    if (await tick?.(output)) lastSignMs = performance.now();
    isStalled = performance.now() - lastSignMs > stallMs;
    if (isStalled) stop();
  };
  const timer = setInterval(() => {
    look().catch((error: unknown) => {
      fault ??= error;
      stop();
    });
  }, TICK_MS);
  signal.addEventListener('abort', stop, { once: true });
  try {
    const exitCode = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve(code ?? 1));
    });
    signal.throwIfAborted();
    if (fault !== undefined) throw fault;
    if (isStalled)
      throw new SmmfError('SOURCE_UNAVAILABLE', `python3 made no progress for ${stallMs} ms and was stopped`);
    return { exitCode, output };
  } finally {
    clearInterval(timer);
    signal.removeEventListener('abort', stop);
  }
}

// @ts-check
// Runs one child as if it were this process: same terminal, same exit code, signals passed on.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** Signals that ask for an orderly end; the child is told of each of them with SIGTERM. */
const endSignals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

/** npm delivers Ctrl-C twice within a millisecond: what comes this soon after the first is the same wish. */
const sameWishMs = 1_000;

/** Longer than the server's own drain limit of 300 s; what has not ended by then does not end by itself. */
const endLimitMs = 330_000;

/** How often a lost parent is looked for. npm dies at SIGTERM without a word to its child. */
const parentPollMs = 250;

/**
 * Starts `file` with `args` and waits for its end.
 *
 * SIGINT, SIGTERM and SIGHUP sent to this process reach the child as one SIGTERM; a second one counts from 1 s after the
 * first. With `watchParent` the end of the parent process counts as such a signal too. What still runs 330 s after
 * the first is killed. After a signal the handlers stay: end with `process.exit`, which keeps them until nothing is left to
 * be interrupted; a program that ends by itself takes them down some milliseconds before.
 *
 * @param {string} file
 * @param {readonly string[]} args
 * @param {{
 *   cwd?: string, env?: NodeJS.ProcessEnv, stdio?: import('node:child_process').StdioOptions, watchParent?: boolean,
 *   onStdout?: (text: string) => void,
 * }} [options]
 * @returns {Promise<number>} the child's exit code; 128 + number for a signal that ended it, 127 when it could not be started
 */
export function runInForeground(file, args, options = {}) {
  const { watchParent = false, onStdout, ...spawnOptions } = options;
  const child = spawn(file, args, { stdio: 'inherit', ...spawnOptions });
  child.stdout?.setEncoding('utf8').on('data', (text) => onStdout?.(text));

  let lastAskedMs = Number.NEGATIVE_INFINITY;
  /** @type {NodeJS.Timeout | undefined} */
  let limit;
  const askToEnd = () => {
    const nowMs = performance.now();
    if (nowMs - lastAskedMs < sameWishMs) return;
    lastAskedMs = nowMs;
    child.kill('SIGTERM');
    limit ??= setTimeout(() => child.kill('SIGKILL'), endLimitMs);
  };

  for (const signal of endSignals) process.on(signal, askToEnd);
  const poll = watchParent ? whenParentIsGone(askToEnd) : undefined;

  return new Promise((resolve) => {
    /** @param {number} code */
    const finish = (code) => {
      // Asked once, this process may be asked again late (npm passes Ctrl-C on when it gets to it) and must not die of it.
      if (limit === undefined) for (const signal of endSignals) process.off(signal, askToEnd);
      clearInterval(poll);
      clearTimeout(limit);
      resolve(code);
    };
    child.on('error', (error) => {
      if (child.pid !== undefined) return; // a signal that could not be delivered: the exit event still comes
      process.stderr.write(`smmf: cannot run ${file}: ${error.message}\n`);
      finish(127);
    });
    child.on('close', (code, signal) => finish(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}

/**
 * Calls `listener` once when this process's parent has ended (it is then handed to another one).
 *
 * @param {() => void} listener
 * @returns {NodeJS.Timeout} the poll, already unref'd
 */
function whenParentIsGone(listener) {
  const parent = process.ppid;
  const poll = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(poll);
    listener();
  }, parentPollMs);
  return poll.unref();
}

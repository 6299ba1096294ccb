import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');
const MAIN = join(ROOT, 'packages/smmf/src/main.ts');
/** Where the page says that everything stands. */
const PAGE_FOLDER = '/srv/smmf';
/** A hardware address that nobody has: frames to it are lost, and nobody hears of it. */
const NOWHERE = '02:00:00:00:00:99';
/** What a process gets to end, milliseconds. */
const STOP_MS = 10_000;

/** How commands of a host have ended. */
export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Commands of a host that run on. */
export interface Running {
  /** All that they have written. */
  output(): string;
  isRunning(): boolean;
  stop(): Promise<void>;
}

const ip = (...words: string[]): void => void execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'pipe'] });

/** Why two hosts cannot be made here; undefined where they can. */
export function whyNoHosts(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'network namespaces need Linux and root';
  const name = `smmf-try-${process.pid}`;
  try {
    ip('netns', 'add', name);
    ip('netns', 'del', name);
    return undefined;
  } catch (error) {
    return `no network namespace can be made: ${error instanceof Error ? error.message.trim() : String(error)}`;
  }
}

/**
 * Two hosts with a cable between them, each a network namespace with a folder of its own. They reach each other by name, and nothing else.
 * `folder` is within a package that has the plugins.
 */
export class TwoHosts {
  readonly folder: string;
  readonly #names: readonly [string, string];
  readonly #running: Running[] = [];

  constructor(names: readonly [string, string], folder: string) {
    this.#names = names;
    mkdirSync(folder, { recursive: true });
    this.folder = mkdtempSync(join(folder, 'hosts-'));
    try {
      this.#make();
    } catch (error) {
      this.#remove();
      throw error;
    }
  }

  folderOf(name: string): string {
    return join(this.folder, name);
  }

  /** Types commands on a host, to their end. */
  async type(name: string, commands: string): Promise<Ended> {
    const child = this.#spawn(name, commands);
    const output = outputOf(child);
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, output: output() };
  }

  /** Types commands that run on until they are stopped. */
  start(name: string, commands: string): Running {
    const child = this.#spawn(name, commands);
    const output = outputOf(child);
    const ended = once(child, 'close');
    const running = {
      output,
      isRunning: () => child.exitCode === null && child.signalCode === null,
      async stop() {
        signal(child, 'SIGTERM');
        const timer = setTimeout(() => signal(child, 'SIGKILL'), STOP_MS);
        await ended;
        clearTimeout(timer);
      },
    };
    this.#running.push(running);
    return running;
  }

  /** From now on every packet from one to the other is lost. */
  cut(): void {
    for (const at of [0, 1]) this.#neighbour(at, 'replace', 'lladdr', NOWHERE, 'nud', 'permanent');
  }

  heal(): void {
    for (const at of [0, 1]) this.#neighbour(at, 'del');
  }

  /** Stops what runs, the last one first, and takes the hosts away. */
  async close(): Promise<void> {
    for (const running of this.#running.reverse()) await running.stop();
    this.#remove();
  }

  #make(): void {
    const all = this.#names.map((name, at) => `${this.#addressOf(at)} ${name}\n`).join('');
    for (const [at, name] of this.#names.entries()) {
      mkdirSync(this.folderOf(name));
      mkdirSync(`/etc/netns/${this.#space(at)}`, { recursive: true });
      writeFileSync(`/etc/netns/${this.#space(at)}/hosts`, `127.0.0.1 localhost\n${all}`);
      ip('netns', 'add', this.#space(at));
    }
    const [near, far] = [this.#space(0), this.#space(1)];
    ip('link', 'add', 'wire0', 'netns', near, 'type', 'veth', 'peer', 'name', 'wire1', 'netns', far);
    for (const at of [0, 1]) {
      ip('-n', this.#space(at), 'link', 'set', 'lo', 'up');
      ip('-n', this.#space(at), 'addr', 'add', `${this.#addressOf(at)}/24`, 'dev', `wire${at}`);
      ip('-n', this.#space(at), 'link', 'set', `wire${at}`, 'up');
    }
    this.#writeCommands();
  }

  #remove(): void {
    for (const space of [this.#space(0), this.#space(1)]) {
      if (existsSync(`/run/netns/${space}`)) ip('netns', 'del', space);
      rmSync(`/etc/netns/${space}`, { recursive: true, force: true });
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  #neighbour(at: number, verb: string, ...more: string[]): void {
    ip('-n', this.#space(at), 'neigh', verb, this.#addressOf(1 - at), ...more, 'dev', `wire${at}`);
  }

  #space(at: number): string {
    return `smmf-${process.pid}-${this.#names[at]}`;
  }

  #addressOf(at: number): string {
    return `10.77.0.${at + 1}`;
  }

  #spawn(name: string, commands: string): ChildProcess {
    const at = this.#names.indexOf(name);
    const words = ['netns', 'exec', this.#space(at), 'bash', '-euo', 'pipefail', '-c', commands];
    const { CI: _ci, ...kept } = process.env;
    const env = { ...kept, PATH: `${join(this.folder, 'bin')}:${process.env.PATH}`, NO_COLOR: '1' };
    return spawn('ip', words, { cwd: this.folderOf(name), env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  }

  /** `smmf` of these sources, and an `scp` that copies to the other host's folder. */
  #writeCommands(): void {
    const bin = join(this.folder, 'bin');
    mkdirSync(bin);
    const flags = '--conditions=smmf-source --disable-warning=ExperimentalWarning';
    const programs = {
      smmf: `exec '${process.execPath}' ${flags} '${MAIN}' "$@"`,
      scp: `to="\${@: -1}"; path="\${to#*:}"; cp "\${@:1:$#-1}" '${this.folder}'/"\${to%%:*}/\${path#${PAGE_FOLDER}}"`,
    };
    for (const [name, text] of Object.entries(programs)) {
      writeFileSync(join(bin, name), `#!/usr/bin/env bash\nset -eu\n${text}\n`);
      chmodSync(join(bin, name), 0o755);
    }
  }
}

function outputOf(child: ChildProcess): () => string {
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (piece: Buffer) => {
      text += piece.toString();
      if (process.env.SMMF_TEST_LOG !== undefined) process.stderr.write(piece);
    });
  return () => text;
}

/** To the whole group, as a terminal sends it: the shell and what it has started. */
function signal(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, name);
  } catch {
    // It has ended meanwhile.
  }
}

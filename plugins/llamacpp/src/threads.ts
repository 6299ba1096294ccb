import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';

/** What this process may compute on. */
export interface Machine {
  readonly physicalCores: number;
  /** Hardware threads of the machine. */
  readonly logicalCpus: number;
  /** Hardware threads that the process may run on (taskset, cpuset). */
  readonly allowedCpus: number;
  /** Physical cores under these; undefined where the system does not tell. */
  readonly allowedCores: number | undefined;
  /** CPU time that a cgroup grants, in CPUs; undefined without a limit. */
  readonly quotaCpus: number | undefined;
}

/**
 * How many threads compute: the physical cores that the process may use, less one, at least 1. llama.cpp's threads wait for each
 * other at every step, so one that has to share its core holds all up; the core left over takes what else runs.
 */
export function chooseThreads({ physicalCores, logicalCpus, allowedCpus, allowedCores, quotaCpus }: Machine): number {
  const share = Math.ceil((allowedCpus * physicalCores) / Math.max(logicalCpus, 1));
  const cores = Math.min(physicalCores, allowedCores ?? share, Math.floor(quotaCpus ?? Number.POSITIVE_INFINITY));
  return Math.max(1, cores - 1);
}

/** Reads a file; undefined where there is none. */
export type ReadFile = (path: string) => string | undefined;

const readSystemFile: ReadFile = (path) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

/** This machine. `physicalCores` comes from llama.cpp, which counts only cores that are good for such work. */
export function readMachine(physicalCores: number, read: ReadFile = readSystemFile): Machine {
  const allowed = cpuList(/^Cpus_allowed_list:\s*(\S+)/m.exec(read('/proc/self/status') ?? '')?.[1]);
  return {
    physicalCores,
    logicalCpus: Math.max(cpus().length, 1),
    allowedCpus: allowed.length || availableParallelism(),
    allowedCores: coresOf(allowed, read),
    quotaCpus: cpuQuota(read),
  };
}

/** The numbers of a list as Linux writes it: `0-3,8`. */
function cpuList(text = ''): number[] {
  return text
    .split(',')
    .filter(Boolean)
    .flatMap((range) => {
      const [first = 0, last = first] = range.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
}

/** How many physical cores these CPUs are; undefined where one does not say. */
function coresOf(allowed: readonly number[], read: ReadFile): number | undefined {
  const siblings = allowed.map((cpu) =>
    read(`/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`)?.trim(),
  );
  return allowed.length === 0 || siblings.includes(undefined) ? undefined : new Set(siblings).size;
}

/** The least CPU time that a cgroup above this process grants (versions 1 and 2), in CPUs. */
export function cpuQuota(read: ReadFile): number | undefined {
  const groups = (read('/proc/self/cgroup') ?? '').split('\n').map((line) => line.split(':'));
  const quotas = groups.flatMap(([id, controllers = '', path = '']) => {
    if (id === '0' && controllers === '') return parents(path).map((folder) => unifiedQuota(read, folder));
    if (!controllers.split(',').includes('cpu')) return [];
    return parents(path).flatMap((folder) => ['cpu', controllers].map((mount) => classicQuota(read, mount, folder)));
  });
  const limits = quotas.filter((quota) => quota !== undefined);
  return limits.length > 0 ? Math.min(...limits) : undefined;
}

/** A path of cgroups and all above it, '' for the root: in a container the path may be one that only the host knows. */
function parents(path: string): string[] {
  const parts = path.split('/').filter(Boolean);
  return [...parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`), ''];
}

function unifiedQuota(read: ReadFile, folder: string): number | undefined {
  const [quota, period] = (read(`/sys/fs/cgroup${folder}/cpu.max`) ?? '').trim().split(' ').map(Number);
  return quotient(quota, period);
}

function classicQuota(read: ReadFile, mount: string, folder: string): number | undefined {
  const number = (name: string): number =>
    Number(read(`/sys/fs/cgroup/${mount}${folder}/cpu.cfs_${name}_us`) ?? Number.NaN);
  return quotient(number('quota'), number('period'));
}

/** Undefined for "max", -1 and what is absent. */
const quotient = (quota = 0, period = 0): number | undefined => (quota > 0 && period > 0 ? quota / period : undefined);

import { readdirSync, readFileSync } from 'node:fs';

function statOf(pid: string): { parent: number; group: number } | undefined {
  try {
    const [, parent, group] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return { parent: Number(parent), group: Number(group) };
  } catch {
    return undefined;
  }
}

const allPids = (): string[] => readdirSync('/proc').filter((name) => /^\d+$/.test(name));

/** Every process below `pid`, nearest first. */
export function descendants(pid: number): number[] {
  const children = allPids()
    .filter((each) => statOf(each)?.parent === pid)
    .map(Number);
  return [...children, ...children.flatMap(descendants)];
}

/** The engine's process below `pid`. */
export function engineOf(pid: number): number {
  const found = descendants(pid).find((each) => commandOf(each).includes('engine/main'));
  if (found === undefined) throw new Error(`no engine process below ${pid}`);
  return found;
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

/** Does the process run (a zombie does not). */
export function isAlive(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Processes of a process group that still run. */
export function groupOf(group: number): number[] {
  return allPids()
    .filter((pid) => statOf(pid)?.group === group)
    .map(Number)
    .filter(isAlive);
}

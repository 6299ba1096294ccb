import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

/** The process that listens at a TCP port of this machine. */
export interface PortOwner {
  readonly pid: number;
  readonly command: string;
}

const LISTENING = '0A';

/**
 * Who listens at `port`, as far as Linux tells this user: processes of others stay unknown, and so does everything on other systems.
 * @see proc(5), /proc/net/tcp and /proc/PID/fd, read 2026-11
 */
export function portOwner(port: number): PortOwner | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const inodes = new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => listenersIn(table, port)));
    return inodes.size === 0 ? undefined : holderOf(inodes);
  } catch {
    return undefined;
  }
}

/** Inodes of the sockets in a table of the kernel that listen at `port`. */
function listenersIn(table: string, port: number): string[] {
  const end = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = readFileSync(table, 'utf8').trim().split('\n').slice(1);
  return rows.flatMap((row) => {
    const [, local = '', , state, , , , , , inode] = row.trim().split(/\s+/);
    return local.endsWith(end) && state === LISTENING && inode !== undefined ? [`socket:[${inode}]`] : [];
  });
}

function holderOf(sockets: ReadonlySet<string>): PortOwner | undefined {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    if (!openFiles(pid).some((file) => sockets.has(file))) continue;
    return { pid: Number(pid), command: commandOf(pid) };
  }
  return undefined;
}

/** What Node 24 and newer call their main thread, which the kernel shows as the name of the process. */
const NODES_THREAD = 'MainThread';

function commandOf(pid: string): string {
  const name = readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  return name === NODES_THREAD ? basename(readlinkSync(`/proc/${pid}/exe`)) : name;
}

/** What a process has open; nothing of one that is gone, or another user's. */
function openFiles(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
      } catch {
        return [];
      }
    });
  } catch {
    return [];
  }
}

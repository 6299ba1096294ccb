import { isIP } from 'node:net';
import { isLoopbackHost } from '@smmf/core';
import { isIn, networkList, plainAddress } from './addresses.ts';

/** Environment variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Host and port of a target; IPv6 without brackets, a name without a dot at its end. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** Reads a variable, lower case first. An empty one counts as set, so that it can switch the one in capitals off. */
function read(env: Environment, name: string): { readonly name: string; readonly value: string } | undefined {
  for (const spelling of [name, name.toUpperCase()]) {
    const value = env[spelling];
    if (value !== undefined) return value === '' ? undefined : { name: spelling, value };
  }
  return undefined;
}

function isNetwork(entry: string, host: string): boolean {
  if (isIP(host) === 0) return false;
  try {
    return isIn(networkList([entry]), plainAddress(host));
  } catch {
    return false;
  }
}

/** Host and port of an entry: `name`, `name:8080`, `::1`, `[::1]`, `[::1]:8080`. */
function split(entry: string): { readonly host: string; readonly port: string | undefined } {
  const [, bracketed, bracketedPort] = /^\[([^\]]+)\](?::(\d+))?$/.exec(entry) ?? [];
  if (bracketed !== undefined) return { host: bracketed, port: bracketedPort };
  const [, name, port] = /^([^:]+):(\d+)$/.exec(entry) ?? [];
  return name === undefined ? { host: entry, port: undefined } : { host: name, port };
}

function fits(entry: string, { host, port }: HostPort): boolean {
  if (entry.includes('/')) return isNetwork(entry, host);
  const wanted = split(entry);
  if (wanted.port !== undefined && Number(wanted.port) !== port) return false;
  const name = wanted.host.toLowerCase().replace(/(?<=.)\.$/, '');
  if (name === '*') return true;
  if (isIP(name) !== 0) return isIP(host) !== 0 && plainAddress(name) === plainAddress(host);
  // "*.x" means what is below x alone; ".x" and "x" mean x too.
  if (name.startsWith('*.')) return host.endsWith(name.slice(1));
  const suffix = name.replace(/^\./, '');
  return suffix !== '' && (host === suffix || host.endsWith(`.${suffix}`));
}

/**
 * Does a `NO_PROXY` list name the target: entries between commas or blanks, each `*`, a name (which means what is below it too),
 * `.name`, `*.name` (below it alone), an address, a network (`10.0.0.0/8`, for targets written as addresses), and but for a network
 * with `:port` as it likes.
 */
export function isExempt(noProxy: string, target: HostPort): boolean {
  return noProxy.split(/[\s,]+/).some((entry) => entry !== '' && fits(entry, target));
}

/** The variable of the environment that names a proxy for the target, and its value; undefined: none. Loopback never has one. */
export function proxyOfEnvironment(
  env: Environment,
  protocol: string,
  target: HostPort,
): { readonly name: string; readonly value: string } | undefined {
  if (isLoopbackHost(target.host)) return undefined;
  const found = read(env, protocol === 'https:' ? 'https_proxy' : 'http_proxy');
  return found && isExempt(read(env, 'no_proxy')?.value ?? '', target) ? undefined : found;
}

import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePorts } from '@smmf/testkit';
import { expect } from 'vitest';
import { groupOf } from './processes.ts';

/** The folder of the scripts that start real servers, where there is one. */
export const real = process.env.SMMF_REAL;

/** A vLLM on CPU that serves SmolLM2 as `smol`, in a process group of its own. */
export interface Vllm {
  readonly url: string;
  readonly process: ChildProcess;
}

/** Starts one and waits until it serves. */
export async function startVllm(): Promise<Vllm> {
  const child = spawn(join(real ?? '', 'vllm'), [String(await freePorts())], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (piece) => {
    errors = (errors + piece).slice(-4_000);
  });
  for await (const piece of child.stdout) {
    const url = /ready (\S+)/.exec(String(piece))?.[1];
    if (url !== undefined) return { url, process: child };
  }
  throw new Error(`vLLM did not start:\n${errors}`);
}

/** Waits up to 30 s. */
export async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 300 && !holds(); tries++) await delay(100);
  expect(holds()).toBe(true);
}

/** Kills it with all that it has started, and waits for their end. */
export async function killGroup({ process: child }: Pick<Vllm, 'process'>): Promise<void> {
  const group = child.pid ?? 0;
  if (groupOf(group).length > 0) process.kill(-group, 'SIGKILL');
  await until(() => groupOf(group).length === 0);
}

import { join } from 'node:path';
import { Program } from './program.ts';

/** A model that is attached by address, on servers that look like vLLM. */
export const UPSTREAM_MODEL = 'attached';
/** How many servers have it. */
export const UPSTREAMS = 2;

const PROGRAM = join(import.meta.dirname, '..', 'upstream-process.ts');

/** A server that looks like vLLM, at `port`. Not started. */
export function upstreamAt(port: number, name: string, folder: string): Program {
  return new Program({
    name,
    command: process.execPath,
    args: ['--disable-warning=ExperimentalWarning', PROGRAM, String(port), UPSTREAM_MODEL],
    log: join(folder, `${name}.log`),
  });
}

/** The section of the model in a config. It says what the servers call the model: else the only one that a stranger lists would do. */
export function upstreamModel(urls: readonly string[], timeouts: object): object {
  return { workers: urls.map((url) => ({ engine: 'vllm', url, served: UPSTREAM_MODEL })), timeouts };
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { freePorts } from '@smmf/testkit';
import { realFolder } from './engine.ts';

const script = resolve(realFolder, 'xllamacpp');

/** The script that starts llama.cpp's own server over the same model; undefined, with the reason printed, where it is absent. */
export const witnessScript = existsSync(script) ? script : undefined;
if (!witnessScript) console.warn(`skipped: nothing compared with llama.cpp's own server (${script} is absent)`);

/** llama.cpp's own server. */
export interface Witness {
  /** A JSON answer of one of its routes; a GET without a body. */
  ask(path: string, body?: object): Promise<Record<string, unknown>>;
  /** Chats, as one piece for each chunk that has text. */
  stream(
    prompt: (index: number) => string,
  ): (arrival: { readonly maxTokens: number }, index: number, signal: AbortSignal) => AsyncIterable<unknown>;
  stop(): Promise<void>;
}

/** Starts it with so many slots, each of 4096 tokens, on one thread. */
export async function startWitness(parallel: number): Promise<Witness> {
  const port = await freePorts();
  const child = spawn(script, [String(port), String(parallel), '1'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const url = await readyAddress(child);
  const post = (path: string, body: object, signal?: AbortSignal) =>
    fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      ...(signal ? { signal } : {}),
    });
  return {
    ask: async (path, body) => {
      const answer = await (body ? post(path, body) : fetch(`${url}${path}`));
      return (await answer.json()) as Record<string, unknown>;
    },
    stream: (prompt) =>
      async function* ({ maxTokens }, index, signal) {
        const messages = [{ role: 'user', content: prompt(index) }];
        const body = { messages, max_tokens: maxTokens, stream: true, seed: index };
        const answer = await post('/v1/chat/completions', body, signal);
        for await (const bytes of answer.body ?? []) {
          for (const _chunk of Buffer.from(bytes)
            .toString()
            .matchAll(/"content":"/g))
            yield 'piece';
        }
      },
    async stop() {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

async function readyAddress(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('no output');
  for await (const line of createInterface(child.stdout)) {
    const [word, address] = line.split(' ');
    if (word === 'ready' && address) return address;
  }
  throw new Error("llama.cpp's own server did not start");
}

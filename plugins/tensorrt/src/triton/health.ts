import { type HttpAnswer, isSmmfError } from '@smmf/core';
import type { Health } from '@smmf/protocol';
import * as z from 'zod';
import type { TritonClient } from './client.ts';
import { wordsOf } from './errors.ts';
import { modelPath } from './model.ts';
import { describeRepository, type ManagedModel } from './repository.ts';

const about = z.looseObject({ name: z.string(), version: z.string(), extensions: z.array(z.string()) });

/** The first with the generate extension: release 23.06. */
const OLDEST = [2, 35] as const;

const notReady = (reason: string): Health => ({ live: true, ready: false, reason });
const PORTS = 'is it the port of its HTTP service (8000; 8001 is gRPC, 8002 metrics)?';

/** Why what answers at `/v2` is no Triton that can be used; undefined when it is one. */
function faultOf({ status, headers, text, json }: HttpAnswer, origin: string): string | undefined {
  const { data } = about.safeParse(json);
  if (status === 401 || status === 403)
    return `Triton at ${origin} refused the key, or wants one (HTTP ${status}): give it as apiKey`;
  if (status >= 300 && status < 400)
    return `${origin} redirects to ${String(headers.location)}, which is not followed; write that address as url`;
  if (status !== 200 || !data) {
    return `what answers at ${origin} is no Triton (HTTP ${status} to /v2: ${wordsOf({ text, json })}); ${PORTS} A trtllm-serve needs no server: triton`;
  }
  const [major = 0, minor = 0] = data.version.split('.').map(Number);
  const isOld = major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
  return isOld
    ? `Triton ${data.version} is too old: it has no generate extension; ${OLDEST.join('.')} (release 23.06) or a newer one is needed`
    : undefined;
}

/** What is looked at. */
export interface Subject {
  readonly client: TritonClient;
  readonly name: string;
  readonly managed: ManagedModel | undefined;
}

async function missing({ client, name, managed }: Subject, signal: AbortSignal): Promise<string> {
  if (managed) return managed.missed();
  const there = await describeRepository(client, signal);
  const has = there === undefined ? '' : `; its repository has ${there}`;
  return `Triton has no model "${name}" that is ready${has}; start it with --load-model=${name}, or set manage: true`;
}

/** Asks Triton whether it is there and has the model ready. Throws nothing for a Triton that is merely down. */
export async function probeTriton(subject: Subject, signal: AbortSignal): Promise<Health> {
  const { client, name } = subject;
  try {
    const fault = faultOf(await client.get('/v2', signal), client.origin);
    if (fault !== undefined) return notReady(fault);
    const live = await client.get('/v2/health/live', signal);
    if (live.status !== 200) return notReady(`Triton says that it is not live (HTTP ${live.status}); see its log`);
    const ready = await client.get(`${modelPath(name)}/ready`, signal);
    if (ready.status !== 200) return notReady(await missing(subject, signal));
    subject.managed?.found();
    const all = await client.get('/v2/health/ready', signal);
    if (all.status === 200) return { live: true, ready: true };
    return {
      live: true,
      ready: true,
      note: 'Triton is not ready as a whole: another of its models has failed to load',
    };
  } catch (error) {
    return unreachable(error);
  }
}

/** A Triton that takes the connection and says nothing may just be busy. */
function unreachable(error: unknown): Health {
  if (!isSmmfError(error)) return { live: false, ready: false, reason: String(error) };
  const { reason, stage } = error.details ?? {};
  const isBusy = reason === 'timeout' && stage === undefined;
  return { live: isBusy, ready: false, ...(isBusy ? { isUndecided: true } : {}), reason: error.message };
}

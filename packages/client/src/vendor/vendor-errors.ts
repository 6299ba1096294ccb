import { type EngineAnswer, type ErrorContext, SmmfError } from '@smmf/core';
import { type ErrorCode, type ForeignError, readErrorBody } from '@smmf/protocol';
import { waitMs } from './rate-limits.ts';
import type { FaultKind, VendorError, VendorProfile } from './vendor-profile.ts';

/** How long a key is out that was refused, milliseconds. */
const OUT_MS = 300_000;
/** How long a lane rests at most that is called too often, and where the vendor does not say. */
const REST_CAP_MS = 60_000;
const REST_MS = 1_000;
/** A clock that is further off than this spoils signatures. */
const CLOCK_MS = 300_000;

/** What holds for every vendor with keys: its own rows come first. Other statuses are read by the router, as OpenAI means them. */
export const VENDOR_ERRORS: readonly VendorError[] = [
  { code: /^(?:insufficient_quota|billing_.*|exceeded_current_quota_error|arrearage)$/i, is: 'quota' },
  { code: /^(?:invalid_api_key|authentication_error|unauthenticated)$/i, is: 'key' },
  { code: /^(?:context_length_exceeded)$/i, is: 'context' },
  { code: /^(?:content_filter|content_policy_violation)$/i, is: 'filter' },
  { code: /^(?:rate_limit_exceeded|rate_limit_reached_error|resource_exhausted)$/i, is: 'rate' },
  { status: 401, is: 'key' },
  { status: 402, is: 'quota' },
  { status: 403, is: 'denied' },
  { status: 404, is: 'missing' },
  { status: 410, is: 'missing' },
  { status: 429, is: 'rate' },
];

const CODES: Readonly<Record<Exclude<FaultKind, 'plain'>, ErrorCode>> = {
  key: 'CREDENTIALS_UNUSABLE',
  quota: 'CREDENTIALS_UNUSABLE',
  denied: 'CREDENTIALS_UNUSABLE',
  missing: 'CREDENTIALS_UNUSABLE',
  rate: 'RATE_LIMIT_EXCEEDED',
  overloaded: 'ENGINE_OVERLOADED',
  timeout: 'TIMEOUT',
  failed: 'ENGINE_FAILED',
  request: 'INVALID_REQUEST',
  context: 'CONTEXT_LENGTH_EXCEEDED',
  filter: 'CONTENT_FILTER',
};

/** What of an error is told by the vendor's own words. */
const OF_REQUEST: ReadonlySet<FaultKind> = new Set(['request', 'context', 'filter']);

const fits = (pattern: string | RegExp, text: string | undefined): boolean =>
  text !== undefined && (typeof pattern === 'string' ? pattern === text : pattern.test(text));

function isRow(row: VendorError, status: number, foreign: ForeignError | undefined): boolean {
  if (row.status !== undefined && row.status !== status) return false;
  if (row.code !== undefined && !fits(row.code, foreign?.code) && !fits(row.code, foreign?.type)) return false;
  return row.message === undefined || row.message.test(foreign?.message ?? '');
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

/** An error inside a 200 may carry the status that it would have had. */
function statusOf(status: number, foreign: ForeignError | undefined): number {
  const inner = Number(foreign?.code);
  return status < 300 && inner >= 400 && inner < 600 ? inner : status;
}

/** Reads answers by the rows of a profile. @param model the vendor's own name of the model */
export function createClassifier(
  profile: Pick<VendorProfile, 'vendor' | 'errors' | 'resets' | 'keyHint'>,
  model: string,
  wallMs: () => number,
): (answer: EngineAnswer) => SmmfError | undefined {
  const { errors: rows = [] } = profile;
  return (answer) => {
    const json = parsed(answer.body);
    const foreign = readErrorBody(json);
    if (answer.status < 300 && !foreign) return undefined;
    const status = statusOf(answer.status, foreign);
    const row = rows.find((one) => isRow(one, status, foreign));
    if (!row || row.is === 'plain') return undefined;
    const { is } = row;
    const text = OF_REQUEST.has(is) && foreign?.message ? foreign.message : textOf(is, profile, model, status);
    const clock = is === 'key' ? clockFault(answer, wallMs()) : '';
    const about = contextOf(is, waitMs(answer, json, profile.resets ?? [], wallMs()), foreign);
    return new SmmfError(CODES[is], text + clock, about);
  };
}

function contextOf(
  is: Exclude<FaultKind, 'plain'>,
  askedMs: number | undefined,
  foreign: ForeignError | undefined,
): ErrorContext {
  if (CODES[is] === 'CREDENTIALS_UNUSABLE') return { pauseMs: OUT_MS };
  const wait = askedMs === undefined ? {} : { retryAfterMs: askedMs };
  if (is === 'rate') return { ...wait, pauseMs: Math.min(askedMs ?? REST_MS, REST_CAP_MS) };
  if (is === 'overloaded') return wait;
  return OF_REQUEST.has(is) && foreign?.param ? { param: foreign.param } : {};
}

function textOf(
  is: FaultKind,
  { vendor, keyHint }: Pick<VendorProfile, 'vendor' | 'keyHint'>,
  model: string,
  status: number,
): string {
  const http = status >= 300 ? ` (HTTP ${status})` : '';
  switch (is) {
    case 'key':
      return `${vendor} refused the key${http}: it is wrong or has expired; correct apiKey${keyHint === undefined ? '' : `; ${keyHint}`}`;
    case 'quota':
      return `${vendor} says that the account of the key has no credit left${http}; top it up, or use another key`;
    case 'denied':
      return `${vendor} does not let this key use "${model}"${http}; enable the model for it, or use another key`;
    case 'missing':
      return `${vendor} has no "${model}" for this key${http}: is the name right, is it retired, is it in another region?`;
    case 'rate':
      return `${vendor} limits its callers${http}`;
    case 'overloaded':
      return `${vendor} is overloaded${http}`;
    case 'timeout':
      return `${vendor} ran out of time${http}`;
    case 'failed':
      return `${vendor} failed${http}`;
    default:
      return `${vendor} refused the request${http}`;
  }
}

/** Signed tokens are refused when the clocks differ. */
function clockFault({ header }: EngineAnswer, wallMs: number): string {
  const offMs = wallMs - Date.parse(header('date') ?? '');
  if (!(Math.abs(offMs) > CLOCK_MS)) return '';
  const minutes = Math.round(Math.abs(offMs) / 60_000);
  return `; the clock of this machine is ${minutes} min ${offMs > 0 ? 'ahead' : 'behind'}: set it right`;
}

import type { EngineAnswer } from '@smmf/core';

const DURATION = /^(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?$/;
/** Numbers above this are points in time and no waits, seconds and milliseconds. */
const EPOCH_S = 1e9;
const EPOCH_MS = 1e12;

/**
 * How long a text asks to wait, milliseconds: a duration (`12ms`, `1s`, `6m0s`), seconds, a point in time (epoch, HTTP or RFC 3339
 * date). Undefined for any other.
 */
export function readWaitMs(text: string | undefined, wallMs: number): number | undefined {
  const plain = text?.trim() ?? '';
  if (plain === '') return undefined;
  const number = Number(plain);
  if (Number.isFinite(number)) {
    if (number > EPOCH_MS) return Math.max(0, number - wallMs);
    return Math.max(0, number > EPOCH_S ? number * 1000 - wallMs : number * 1000);
  }
  const parts = DURATION.exec(plain);
  if (parts) {
    const [, h = 0, m = 0, s = 0, ms = 0] = parts;
    return Number(h) * 3_600_000 + Number(m) * 60_000 + Number(s) * 1000 + Number(ms);
  }
  const date = Date.parse(plain);
  return Number.isNaN(date) ? undefined : Math.max(0, date - wallMs);
}

/** Some say it in the body, `error.details[].retryDelay`. */
function delayIn(json: unknown): string | undefined {
  const [body]: readonly unknown[] = Array.isArray(json) ? json : [json];
  const error = Object(Object(body).error);
  const details: readonly unknown[] = Array.isArray(error.details) ? error.details : [];
  const delay: unknown = details.map((one) => Object(one).retryDelay).find((text) => typeof text === 'string');
  return typeof delay === 'string' ? delay : undefined;
}

/**
 * How long the vendor asks to wait, milliseconds: `retry-after-ms`, `Retry-After`, what the body says, and where none says anything
 * the longest of its `resets` headers whose limit is used up (`remaining` of the same name is 0), else the shortest.
 */
export function waitMs(
  { header }: Pick<EngineAnswer, 'header'>,
  json: unknown,
  resets: readonly string[],
  wallMs: number,
): number | undefined {
  const exact = Number(header('retry-after-ms')?.trim() || Number.NaN);
  if (Number.isFinite(exact)) return Math.max(0, exact);
  const asked = readWaitMs(header('retry-after'), wallMs) ?? readWaitMs(delayIn(json), wallMs);
  if (asked !== undefined) return asked;
  const waits = resets.flatMap((name) => {
    const ms = readWaitMs(header(name), wallMs);
    return ms === undefined ? [] : [{ ms, isUsedUp: header(name.replace('reset', 'remaining'))?.trim() === '0' }];
  });
  const usedUp = waits.filter(({ isUsedUp }) => isUsedUp);
  if (usedUp.length > 0) return Math.max(...usedUp.map(({ ms }) => ms));
  return waits.length > 0 ? Math.min(...waits.map(({ ms }) => ms)) : undefined;
}

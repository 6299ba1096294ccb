import { createHmac } from 'node:crypto';
import type { Auth, Dialect, Json, Refusal, RequestRules } from './dialect.ts';

/** Beside the limits of one parameter. */
type Limits = NonNullable<RequestRules['ranges']>[string];

const isWithin = (value: unknown, { min, max, above, below }: Limits): boolean => {
  if (typeof value !== 'number') return value === undefined || value === null;
  if (min !== undefined && value < min) return false;
  if (max !== undefined && value > max) return false;
  return (above === undefined || value > above) && (below === undefined || value < below);
};

/** What of a body the vendor refuses, in its own words; undefined for a body that it takes. */
export function refusalOf({ request }: Dialect, body: Json): Refusal | undefined {
  const { takes, refuses = [], ranges = {}, check, refusal } = request;
  for (const name of Object.keys(body)) {
    const isKnown = (takes?.includes(name) ?? true) && !refuses.includes(name);
    if (!isKnown) return refusal(name, 'Extra inputs are not permitted', body[name]);
  }
  for (const [name, limits] of Object.entries(ranges)) {
    if (!isWithin(body[name], limits)) return refusal(name, `${name} is out of range`, body[name]);
  }
  const found = check?.(body);
  return found && refusal(found.param, found.message, body[found.param]);
}

const FIVE_MINUTES_MS = 300_000;

const json = (part: string): Json | undefined => {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString()) as Json;
  } catch {
    return undefined;
  }
};

/** A token of Zhipu: header, payload with times in milliseconds, HMAC-SHA256 with the secret of the key. */
function isZhipuToken(token: string, key: string): boolean {
  const [id = '', secret = ''] = key.split('.');
  const [head = '', payload = '', signature, ...more] = token.split('.');
  const { alg, sign_type } = json(head) ?? {};
  const { api_key, exp, timestamp } = json(payload) ?? {};
  const right = createHmac('sha256', secret).update(`${head}.${payload}`).digest('base64url');
  const isSigned = more.length === 0 && signature === right && alg === 'HS256' && sign_type === 'SIGN';
  const isFresh = Math.abs(Number(timestamp) - Date.now()) < FIVE_MINUTES_MS && Number(exp) > Date.now();
  return isSigned && isFresh && api_key === id;
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** What a client of the vendor shows in place of its key, or the key itself. */
export function shownKey({ auth, key }: Dialect): string {
  if (auth.kind === 'client-credentials') return GIVEN_TOKEN;
  if (auth.kind !== 'zhipu-jwt') return key;
  const [id, secret = ''] = key.split('.');
  const timestamp = Date.now();
  const payload = { api_key: id, exp: timestamp + FIVE_MINUTES_MS, timestamp };
  const text = `${part({ alg: 'HS256', sign_type: 'SIGN' })}.${part(payload)}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

/** The token that the scripted token server gives out. */
export const GIVEN_TOKEN = 'scripted-access-token';

/** Does a request show the right key, in the way that the vendor wants it. */
export function isAuthorized(auth: Auth, key: string, headers: Readonly<Record<string, unknown>>): boolean {
  const { authorization } = headers;
  const bearer = typeof authorization === 'string' ? /^Bearer (.+)$/.exec(authorization)?.[1] : undefined;
  switch (auth.kind) {
    case 'none':
      return true;
    case 'bearer':
      return bearer === key;
    case 'header':
      return headers[auth.name] === key;
    case 'zhipu-jwt':
      return isZhipuToken(bearer ?? '', key);
    case 'client-credentials':
      return bearer === GIVEN_TOKEN;
  }
}

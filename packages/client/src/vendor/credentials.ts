import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type Clock, type HttpClient, type HttpRequest, type Lane, Secret, SmmfError } from '@smmf/core';
import { zoneOf } from './hosts.ts';
import type { VendorAuth, VendorProfile } from './vendor-profile.ts';

/** A key as the options have it. */
export interface VendorKey {
  readonly key: Secret;
  readonly name?: string | undefined;
  readonly weight?: number | undefined;
  readonly group?: string | undefined;
}

/** What a worker over a vendor shows who calls. */
export interface Credentials {
  readonly lanes: readonly Lane[];
  /** Of one key that never changes: sent with every request, in place of `headers`. */
  readonly fixed?: Readonly<Record<string, Secret>>;
  /** Name, value, name, value, … for one request. @throws CREDENTIALS_UNUSABLE while there is no token */
  headers(lane: string): readonly string[];
  /** Why there is nothing to show yet; undefined when there is. Resolves once a first token was fetched, or could not be. */
  fault(): Promise<string | undefined>;
  close(): void;
}

/** What credentials are made with. */
export interface CredentialsContext {
  readonly clock: Clock;
  readonly http: HttpClient;
  /** How a token host is reached. */
  readonly proxy: 'none' | 'env';
}

/** What a request on `lane` shows, as a record. */
export function headersFor(credentials: Credentials, lane: string): Record<string, string> {
  const flat = credentials.headers(lane);
  return Object.fromEntries(flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1] ?? '']] : [])));
}

const lanesOf = (keys: readonly VendorKey[]): Lane[] =>
  keys.map(({ name, weight, group }, index) => ({
    id: name ?? (keys.length === 1 ? 'default' : `key-${index + 1}`),
    ...(weight === undefined ? {} : { weight }),
    ...(group === undefined ? {} : { group }),
  }));

/** The credentials of `keys` as the profile's vendor wants to see them. Without a key, nothing is sent. */
export function createCredentials(
  profile: Pick<VendorProfile, 'auth' | 'vendor' | 'hosts'>,
  keys: readonly VendorKey[],
  context: CredentialsContext,
): Credentials {
  const { auth, vendor } = profile;
  if (auth.kind === 'client-credentials') return tokenCredentials(auth, profile, context);
  const [only] = keys;
  if (keys.length < 2 && auth.kind !== 'jwt') {
    return { ...NOTHING, ...(only ? { fixed: fixedHeader(auth, only.key) } : {}) };
  }
  const lanes = keys.length === 0 ? [{ id: 'default' }] : lanesOf(keys);
  const byLane = new Map(keys.map(({ key }, index) => [lanes[index]?.id ?? '', key]));
  const show = auth.kind === 'jwt' ? jwtHeaders(auth, vendor, context.clock) : plainHeaders(auth);
  return {
    lanes,
    headers(lane) {
      const key = byLane.get(lane) ?? (keys.length === 1 ? keys[0]?.key : undefined);
      return key ? show(key) : [];
    },
    fault: async () => undefined,
    close: () => undefined,
  };
}

type PlainAuth = Extract<VendorAuth, { kind: 'bearer' | 'header' }>;

const NOTHING: Credentials = {
  lanes: [{ id: 'default' }],
  headers: () => [],
  fault: async () => undefined,
  close: () => undefined,
};

const fixedHeader = (auth: PlainAuth, key: Secret): Record<string, Secret> =>
  auth.kind === 'bearer' ? { authorization: key.map((text) => `Bearer ${text}`) } : { [auth.name]: key };

function plainHeaders(auth: PlainAuth): (key: Secret) => readonly string[] {
  const made = new Map<Secret, readonly string[]>();
  return (key) => {
    const before = made.get(key);
    if (before) return before;
    const headers = Object.entries(fixedHeader(auth, key)).flatMap(([name, value]) => [name, value.reveal()]);
    made.set(key, headers);
    return headers;
  };
}

const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Signed anew when four fifths of a token's life are over. */
function jwtHeaders(
  { header, claims, lifeMs }: Extract<VendorAuth, { kind: 'jwt' }>,
  vendor: string,
  clock: Clock,
): (key: Secret) => readonly string[] {
  const signed = new Map<Secret, { readonly token: Secret; readonly untilMs: number }>();
  const sign = (key: Secret): Secret => {
    const [id = '', secret = ''] = key.reveal().split('.');
    if (id === '' || secret === '') {
      const text = `The key of ${vendor} has the form id.secret; correct apiKey, or set auth: bearer`;
      throw new SmmfError('CREDENTIALS_UNUSABLE', text);
    }
    const issuedMs = clock.wallMs();
    const values = { id, issuedMs, expiresMs: issuedMs + lifeMs };
    const payload = Object.fromEntries(Object.entries(claims).map(([name, value]) => [name, values[value]]));
    const text = `${base64url(header)}.${base64url(payload)}`;
    return new Secret(`${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`);
  };
  return (key) => {
    const nowMs = clock.now();
    let one = signed.get(key);
    if (!one || one.untilMs <= nowMs) {
      one = { token: sign(key), untilMs: nowMs + 0.8 * lifeMs };
      signed.set(key, one);
    }
    return ['authorization', `Bearer ${one.token.reveal()}`];
  };
}

/** Limit of one call to a token host, milliseconds, and the wait after one that failed. */
const TOKEN_LIMIT_MS = 10_000;
const TOKEN_RETRY_MS = 10_000;

/** One lane, whose token is fetched ahead; a call that is under way serves all who ask. */
function tokenCredentials(
  auth: Extract<VendorAuth, { kind: 'client-credentials' }>,
  profile: Pick<VendorProfile, 'vendor' | 'hosts'>,
  { clock, http, proxy }: CredentialsContext,
): Credentials {
  const { vendor } = profile;
  const reach = { proxy, egress: zoneOf(auth.tokenUrl, profile) };
  let token: { readonly value: Secret; readonly endsMs: number } | undefined;
  let why: string | undefined = 'no token was fetched yet';
  let fetching: Promise<void> | undefined;
  let isClosed = false;
  let cancel = (): void => undefined;
  const again = (afterMs: number): void => {
    cancel();
    if (!isClosed) cancel = clock.after(afterMs, () => void renew());
  };
  const renew = (): Promise<void> => {
    fetching ??= fetchToken(auth, http, reach)
      .then(({ value, lifeMs }) => {
        token = { value, endsMs: clock.now() + lifeMs };
        why = undefined;
        again(0.8 * lifeMs);
      })
      .catch((error: unknown) => {
        why = error instanceof Error ? error.message : 'the token host cannot be reached';
        again(TOKEN_RETRY_MS);
      })
      .finally(() => {
        fetching = undefined;
      });
    return fetching;
  };
  const isGood = (): boolean => token !== undefined && token.endsMs > clock.now();
  return {
    lanes: [{ id: 'default' }],
    headers() {
      if (token && isGood()) return ['authorization', `Bearer ${token.value.reveal()}`];
      throw new SmmfError('CREDENTIALS_UNUSABLE', `${vendor} gave no token: ${why ?? 'the last one has expired'}`);
    },
    async fault() {
      if (!isGood()) await renew();
      return isGood() ? undefined : `no token: ${why ?? 'the last one has expired'}`;
    },
    close() {
      isClosed = true;
      cancel();
    },
  };
}

async function formOf({ form, secrets, files = {} }: Extract<VendorAuth, { kind: 'client-credentials' }>) {
  const fields = new URLSearchParams({ grant_type: 'client_credentials', ...form });
  for (const [name, secret] of Object.entries(secrets)) fields.set(name, secret.reveal());
  for (const [name, file] of Object.entries(files)) {
    const text = await readFile(file, 'utf8').catch((cause: unknown) => {
      throw new SmmfError('CREDENTIALS_UNUSABLE', `the token file ${file} cannot be read`, { cause });
    });
    fields.set(name, new Secret(text.trim()).reveal());
  }
  return fields.toString();
}

/** @throws Error whose message may be shown: nothing of what was sent or came is in it but the host's own error code */
async function fetchToken(
  auth: Extract<VendorAuth, { kind: 'client-credentials' }>,
  http: HttpClient,
  reach: Pick<HttpRequest, 'proxy' | 'egress'>,
): Promise<{ readonly value: Secret; readonly lifeMs: number }> {
  const request = {
    ...reach,
    url: auth.tokenUrl,
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: await formOf(auth),
    method: 'POST',
    headTimeoutMs: TOKEN_LIMIT_MS,
  };
  const { host } = new URL(auth.tokenUrl);
  const response = await http.request(request, AbortSignal.timeout(TOKEN_LIMIT_MS));
  const { access_token: text, expires_in: lifeS, error } = fieldsOf(await response.text());
  if (response.status !== 200 || typeof text !== 'string' || text === '') {
    const code = typeof error === 'string' && /^[\w.-]{1,64}$/.test(error) ? `, ${error}` : '';
    const remedy = 'are tenant, client id and secret right, and has the secret not expired?';
    throw new SmmfError('CREDENTIALS_UNUSABLE', `${host} gave none (HTTP ${response.status}${code}); ${remedy}`);
  }
  const seconds = Number(lifeS);
  return { value: new Secret(text), lifeMs: 1000 * (seconds > 0 ? seconds : 3_600) };
}

function fieldsOf(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

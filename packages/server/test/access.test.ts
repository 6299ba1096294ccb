import type { FastifyRequest } from 'fastify';
import { describe, expect, it } from 'vitest';
import { type AccessOptions, accessFault, isLocal } from '../src/access.ts';
import { createKeyRing, type Scope } from '../src/keys.ts';
import { KEY } from './harness.ts';

/** What the checks read of a request; from another process of this machine unless told otherwise. */
function from(remoteAddress: string | undefined, headers: Record<string, string> = {}): FastifyRequest {
  return { raw: { socket: { remoteAddress } }, headers, caller: null } as unknown as FastifyRequest;
}
const STRANGER = '203.0.113.7';
const HERE = '127.0.0.1';

const options = (more: Partial<AccessOptions> = {}): AccessOptions => ({
  keys: createKeyRing([]),
  allowOpen: false,
  corsOrigins: [],
  hosts: [],
  isOnLoopback: () => true,
  ...more,
});
const keyed = createKeyRing([
  { key: KEY, name: 'user' },
  { key: `${KEY}-a`, name: 'admin', scopes: ['admin:read'] },
]);
const fault = (request: FastifyRequest, scope: Scope, more: Partial<AccessOptions> = {}) => {
  const error = accessFault(request, scope, options(more));
  return error && [error.code, error.message];
};

describe('a caller of this machine', () => {
  it.each<[string, string | undefined, Record<string, string>, boolean]>([
    ['over a unix socket', undefined, { host: 'evil.example', forwarded: 'x' }, true],
    ['by a loopback name', HERE, { host: 'localhost:1' }, true],
    ['by IPv6', '::1', { host: '[::1]:1' }, true],
    ['by a name of its own', HERE, { host: 'My.Box:1' }, true],
    ['by another name', HERE, { host: 'your.box' }, false],
    ['without a name', HERE, {}, false],
    ['from elsewhere', STRANGER, { host: 'localhost' }, false],
    ['that is a proxy (x-forwarded-for)', HERE, { host: 'localhost', 'x-forwarded-for': HERE }, false],
    ['that is a proxy (forwarded)', HERE, { host: 'localhost', forwarded: 'for=1' }, false],
    ['that is a proxy (x-real-ip)', HERE, { host: 'localhost', 'x-real-ip': HERE }, false],
  ])('is told from others: %s', (_how, address, headers, wanted) => {
    expect(isLocal(from(address, headers), ['my.box'])).toBe(wanted);
  });

  it('is known by no name of its own where none is given', () => {
    expect(isLocal(from(HERE, { host: 'my.box' }))).toBe(false);
  });
});

describe('without keys', () => {
  const none = 'This server has no keys and serves callers on this machine only';

  it('a caller from elsewhere is refused, and told why where it came through a proxy', () => {
    expect(fault(from(STRANGER, { host: 'localhost' }), 'inference')).toEqual(['PERMISSION_DENIED', none]);
    expect(fault(from(HERE, { host: 'localhost', forwarded: 'x' }), 'inference')).toEqual([
      'PERMISSION_DENIED',
      `${none}, and this request came through a proxy; give the server keys`,
    ]);
  });

  it('a caller of this machine is served, by loopback or by names of its own', () => {
    expect(fault(from(HERE, { host: 'localhost' }), 'inference')).toBeUndefined();
    expect(fault(from(HERE, { host: 'my.box' }), 'inference', { hosts: ['my.box'] })).toBeUndefined();
    expect(fault(from(HERE, { host: 'my.box' }), 'inference')).toBeDefined();
    expect(fault(from(undefined, { origin: 'https://evil.example' }), 'inference')).toBeUndefined();
    expect(fault(from(STRANGER), 'inference', { allowOpen: true })).toBeUndefined();
  });

  it.each<[string, boolean]>([
    ['http://localhost:3000', true],
    ['http://127.0.0.1', true],
    ['https://app.example', true],
    ['https://evil.example', false],
    ['null', false],
    ['localhost', false],
    ['', false],
  ])('a page of %j is served: %s', (origin, isServed) => {
    const request = from(HERE, { host: 'localhost', origin });
    const error = fault(request, 'inference', { corsOrigins: ['https://app.example'] });
    expect(error === undefined).toBe(isServed);
  });

  it("the operator's routes are held to the same rule", () => {
    expect(fault(from(HERE, { host: 'localhost' }), 'admin:write')).toBeUndefined();
    expect(fault(from(STRANGER), 'admin:read')).toEqual(['PERMISSION_DENIED', none]);
  });

  it('metrics are for this machine by a loopback name; others need a key that is not there', () => {
    expect(fault(from(HERE, { host: 'localhost' }), 'metrics')).toBeUndefined();
    for (const more of [{}, { allowOpen: true }])
      expect(fault(from(STRANGER), 'metrics', more)?.[0]).toBe('INVALID_API_KEY');
    expect(fault(from(HERE, { host: 'my.box' }), 'metrics', { hosts: ['my.box'] })?.[0]).toBe('INVALID_API_KEY');
  });
});

describe('with keys', () => {
  const given = (authorization?: string, address = STRANGER) =>
    from(address, { host: 'localhost', ...(authorization === undefined ? {} : { authorization }) });

  it.each<[string | undefined, string | undefined, string]>([
    [`Bearer ${KEY}`, 'user', ''],
    [`bearer ${KEY}`, 'user', ''],
    [`BEARER   ${KEY} `, 'user', ''],
    [undefined, undefined, 'No API key is given; send header authorization: Bearer <key>'],
    [KEY, undefined, 'The API key is not valid; send header authorization: Bearer <key>'],
    [`Basic  ${KEY}`, undefined, 'The API key is not valid; send header authorization: Bearer <key>'],
    [`xBearer ${KEY}`, undefined, 'The API key is not valid; send header authorization: Bearer <key>'],
    [`Bearer${KEY}`, undefined, 'The API key is not valid; send header authorization: Bearer <key>'],
    ['Bearer ', undefined, 'The API key is not valid; send header authorization: Bearer <key>'],
  ])('of "%s" the caller is %s', (authorization, caller, message) => {
    const request = given(authorization);
    const error = fault(request, 'inference', { keys: keyed });
    expect(request.caller?.name).toBe(caller);
    expect(error).toEqual(caller === undefined ? ['INVALID_API_KEY', message] : undefined);
  });

  it('a local caller needs one as well, also for metrics', () => {
    for (const scope of ['inference', 'metrics'] as const)
      expect(fault(given(undefined, HERE), scope, { keys: keyed })?.[0]).toBe('INVALID_API_KEY');
  });

  it('a public route needs none, and knows whose came along', () => {
    const request = given(`Bearer ${KEY}`);
    expect(fault(request, 'public', { keys: keyed })).toBeUndefined();
    expect(request.caller?.name).toBe('user');
    const stranger = given('Bearer wrong');
    expect(fault(stranger, 'public', { keys: keyed })).toBeUndefined();
    expect(stranger.caller).toBeNull();
  });

  it('a key does what its own scopes say', () => {
    expect(fault(given(`Bearer ${KEY}-a`), 'admin:read', { keys: keyed })).toBeUndefined();
    expect(fault(given(`Bearer ${KEY}-a`), 'admin:write', { keys: keyed })).toEqual([
      'PERMISSION_DENIED',
      'This API key has no scope "admin:write"',
    ]);
  });
});

describe("an operator's API on loopback", () => {
  const call = (
    headers: Record<string, string>,
    more: Partial<AccessOptions> = {},
    address: string | undefined = HERE,
  ) => fault(from(address, { authorization: `Bearer ${KEY}-a`, ...headers }), 'admin:read', { keys: keyed, ...more });
  const denied = (name: string) => [
    'PERMISSION_DENIED',
    `The admin API of this machine is not called "${name}"; if it is, add the name to admin.hosts`,
  ];

  it('is called by names of this machine alone, with a key too', () => {
    expect(call({ host: 'localhost:8010' })).toBeUndefined();
    expect(call({ host: 'evil.example:8010' })).toEqual(denied('evil.example'));
    expect(call({})).toEqual(denied(''));
    expect(call({ host: 'My.Box' }, { hosts: ['my.box'] })).toBeUndefined();
    expect(call({ host: 'x'.repeat(200) })).toEqual(denied('x'.repeat(128)));
  });

  it('is called by no page of another name', () => {
    expect(call({ host: 'localhost', origin: 'http://localhost:1' })).toBeUndefined();
    expect(call({ host: 'localhost', origin: 'http://evil.example:1' })).toEqual(denied('evil.example'));
    expect(call({ host: 'localhost', origin: 'null' })).toEqual(denied(''));
  });

  it('is called by any name where it listens beyond loopback, or over a unix socket', () => {
    expect(call({ host: 'evil.example' }, { isOnLoopback: () => false })).toBeUndefined();
    const overSocket = from(undefined, { host: 'evil.example', authorization: `Bearer ${KEY}-a` });
    expect(fault(overSocket, 'admin:read', { keys: keyed })).toBeUndefined();
  });

  it('alone is held to that: other routes are called by any name', () => {
    const request = from(HERE, { host: 'evil.example', authorization: `Bearer ${KEY}` });
    expect(fault(request, 'inference', { keys: keyed })).toBeUndefined();
  });
});

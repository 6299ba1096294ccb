import { afterEach, describe, expect, it } from 'vitest';
import { createDialer, createEgressRule, dialReason } from '../src/index.ts';
import { closeServers, failureOf, fakeDns, listen, soon } from './servers.ts';

afterEach(closeServers);

const rule = createEgressRule();
/** The host as a dialer takes it out of a URL. */
const hostIn = (url: string): string => new URL(url).hostname.replace(/^\[|\]$/g, '');

/** Numbers without chance: the same at each run. */
function* numbers(seed: number): Generator<number> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state;
  }
}

/** Ways to write one IPv4 address in a URL, or to lead to it from IPv6. */
function spellings(address: string): string[] {
  const bytes = address.split('.').map(Number);
  const number = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  const hex = number.toString(16).padStart(8, '0');
  const groups = `${hex.slice(0, 4)}:${hex.slice(4)}`;
  return [
    address,
    `${address}.`,
    String(number),
    `0x${hex}`,
    `0X${hex.toUpperCase()}`,
    `0${number.toString(8)}`,
    bytes.map((byte) => `0x${byte.toString(16)}`).join('.'),
    bytes.map((byte) => `0${byte.toString(8)}`).join('.'),
    `${bytes[0]}.${((bytes[1] ?? 0) << 16) + ((bytes[2] ?? 0) << 8) + (bytes[3] ?? 0)}`,
    `[::ffff:${address}]`,
    `[::ffff:${groups}]`,
    `[0:0:0:0:0:FFFF:${groups}]`,
    `[::ffff:0:${groups}]`,
    `[64:ff9b::${address}]`,
    `[2002:${groups}::1]`,
    ...(hex.startsWith('0000') ? [] : [`[::${address}]`]),
  ];
}

const KINDS: readonly (readonly [string, readonly string[]])[] = [
  [
    'cloud metadata',
    ['169.254.169.254', '169.254.170.2', '169.254.170.23', '100.100.100.200', '168.63.129.16', '192.0.0.192'],
  ],
  ['link-local', ['169.254.0.1', '169.254.255.255']],
  [
    'no server can have this address',
    ['0.0.0.1', '0.255.255.255', '224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255'],
  ],
];
const LOCAL = ['127.0.0.1', '127.255.255.255', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1'];
const PUBLIC = [
  '1.1.1.1',
  '126.255.255.255',
  '128.0.0.1',
  '169.253.1.1',
  '169.255.0.1',
  '172.15.0.1',
  '172.32.0.1',
  '223.255.255.255',
];

describe('the egress rule', () => {
  it.each(KINDS)('never lets an address through (%s), however it is written', (kind, addresses) => {
    for (const address of addresses) {
      for (const spelling of spellings(address)) {
        const why = rule.host(hostIn(`http://u:p@${spelling}:8000/`), 8000, 'configured', false);
        expect(why, spelling).toContain(kind);
      }
    }
  });

  it.each([
    ['fd00:ec2::254', 'configured'],
    ['FD20:CE:0:0:0:0:0:254', 'configured'],
    ['fe80::1', 'configured'],
    ['febf:ffff::1', 'configured'],
    ['ff02::1', 'configured'],
    ['::', 'configured'],
    ['::1', 'vendor'],
    ['::1', 'public'],
    ['fe80::1', 'vendor'],
    ['ff02::1', 'vendor'],
    ['fd00:ec2::254', 'vendor'],
    ['fc00::1', 'public'],
    ['fdff::1', 'public'],
    ['2001:0:5ef5::1', 'public'],
    ['2001:db8::1', 'public'],
  ] as const)('refuses %s of IPv6 in zone %s', (address, zone) => {
    expect(rule.host(hostIn(`http://[${address}]/`), 80, zone, false)).toEqual(expect.any(String));
    // As DNS may give it, with a zone.
    expect(rule.address(`${address}%eth0`, 80, zone)).toEqual(expect.any(String));
  });

  it('lets loopback through where the config names it, private networks where a plugin does too', () => {
    for (const address of LOCAL) {
      for (const spelling of spellings(address)) {
        const host = hostIn(`http://${spelling}/`);
        const whyNot = rule.host(host, 80, 'vendor', false);
        expect(rule.host(host, 80, 'configured', false), spelling).toBeUndefined();
        expect(rule.host(host, 80, 'public', false), spelling).toContain('does not come from the config');
        if (address.startsWith('127.')) expect(whyNot, spelling).toContain('where no vendor serves');
        else expect(whyNot, spelling).toBeUndefined();
      }
    }
  });

  it('lets the public internet through, at ports of the web where the config does not name it', () => {
    for (const address of [...PUBLIC, '2606:4700:4700::1111']) {
      expect(rule.address(address, 25, 'configured')).toBeUndefined();
      for (const zone of ['vendor', 'public'] as const) {
        for (const port of [80, 443, 1024, 65_535]) expect(rule.address(address, port, zone)).toBeUndefined();
        for (const port of [22, 25, 79, 81, 1023]) expect(rule.address(address, port, zone)).toContain(`port ${port}`);
      }
    }
  });

  it('says the same of every spelling of any address', () => {
    const chance = numbers(7);
    for (let round = 0; round < 400; round += 1) {
      const number = chance.next().value ?? 0;
      const address = [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.');
      for (const zone of ['configured', 'vendor', 'public'] as const) {
        const isRefused = rule.address(address, 8000, zone) !== undefined;
        for (const spelling of spellings(address)) {
          expect(rule.host(hostIn(`http://${spelling}/`), 8000, zone, false) !== undefined, `${spelling} ${zone}`).toBe(
            isRefused,
          );
        }
      }
    }
  });

  it('knows the names of metadata, in any case and with a dot at the end; short ones where a proxy would look them up', () => {
    for (const name of ['metadata.google.internal', 'METADATA.google.internal.', 'metadata.goog']) {
      expect(rule.host(hostIn(`http://${name}/`), 80, 'configured', false)).toContain('metadata');
    }
    expect(rule.host('metadata.example.com', 80, 'configured', true)).toBeUndefined();
    expect(rule.host('metadata', 80, 'public', false)).toBeUndefined();
    expect(rule.host('metadata', 80, 'configured', true)).toContain('credentials');
  });

  it('is changed by the operator: allow opens, deny closes and wins', () => {
    const own = createEgressRule({
      allow: ['169.254.10.0/24', '10.1.0.0/16', 'fe80::/10'],
      deny: ['10.1.2.3', '9.0.0.0/8'],
    });
    expect(own.address('169.254.10.9', 80, 'public')).toBeUndefined();
    expect(own.address('::ffff:169.254.10.9', 80, 'public')).toBeUndefined();
    expect(own.address('169.254.11.9', 80, 'configured')).toContain('link-local');
    expect(own.address('fe80::1', 80, 'configured')).toBeUndefined();
    expect(own.address('10.1.9.9', 22, 'public')).toBeUndefined();
    expect(own.address('10.1.2.3', 80, 'configured')).toContain('egress.deny');
    expect(own.address('::ffff:9.9.9.9', 80, 'configured')).toContain('egress.deny');
  });

  it.each([['10.0.0.0/33'], ['10.0.0/8'], ['gpu1'], [''], ['10.0.0.0/'], ['::1/129'], ['10.0.0.0/8/8']])(
    'says which entry is no network: "%s"',
    (entry) => {
      expect(() => createEgressRule({ allow: [entry] })).toThrow(/egress\.allow: .*10\.1\.0\.0\/16/);
      expect(() => createDialer({ egress: { deny: [entry] } })).toThrow(/egress\.deny/);
    },
  );
});

describe('a dialer holds to it', () => {
  it('by the address that DNS gives, and connects to that very address', async () => {
    const server = await listen((socket) => void socket.write('x'));
    const url = `http://good.test:${server.port}`;
    // The second answer is never asked for.
    const { asked, lookup } = fakeDns({ 'good.test': ['127.0.0.1'], 'bad.test': ['169.254.169.254'] });
    const dialer = createDialer({ lookup });
    (await dialer.connect({ url }, soon())).destroy();
    expect(asked).toEqual(['good.test']);
    const error = await failureOf(dialer.connect({ url: 'http://bad.test' }, soon()));
    expect(dialReason(error)).toBe('egress');
    expect(error).toMatchObject({ code: 'UNREACHABLE', message: expect.stringContaining('169.254.169.254') });
    expect(error).toMatchObject({ message: expect.stringMatching(/http:\/\/bad\.test.*egress\.allow can permit it/) });
  });

  it.skipIf(process.platform !== 'linux')('leaves out the addresses of a name that are refused', async () => {
    const canary = await listen(() => undefined, { port: 0, host: '127.0.0.2' });
    const { lookup } = fakeDns({ 'both.test': ['127.0.0.2', '169.254.169.254', 'fe80::1', '127.0.0.1'] });
    const dialer = createDialer({ lookup, egress: { deny: ['127.0.0.2'] } });
    const target = { url: `http://both.test:${canary.port}` };
    // The only address that is left has nothing at this port.
    const error = await failureOf(dialer.connect(target, soon()));
    expect(dialReason(error)).toBe('refused');
    const server = await listen(() => undefined, { port: canary.port, host: '127.0.0.1' });
    const socket = await dialer.connect(target, soon());
    expect(socket.remoteAddress).toBe('127.0.0.1');
    socket.destroy();
    expect([canary.sockets.length, server.sockets.length]).toEqual([0, 1]);
  });

  it('in zone public, without a connection to what it refuses', async () => {
    const server = await listen(() => undefined);
    const { asked, lookup } = fakeDns({ 'canary.test': ['127.0.0.1', '::ffff:127.0.0.1'] });
    const dialer = createDialer({ lookup });
    const targets = [
      { url: `http://canary.test:${server.port}` },
      { url: `http://127.0.0.1:${server.port}` },
      { url: `http://[::ffff:7f00:1]:${server.port}` },
      { url: `http://2130706433:${server.port}` },
      { url: 'http://canary.test', socketPath: '/tmp/none' },
    ];
    for (const target of targets) {
      const error = await failureOf(dialer.connect({ ...target, egress: 'public' }, soon()));
      expect(dialReason(error), target.url).toBe('egress');
    }
    expect(server.sockets).toEqual([]);
    expect(asked).toEqual(['canary.test']);
    const open = createDialer({ lookup, egress: { allow: ['127.0.0.0/8'] } });
    (await open.connect({ url: `http://canary.test:${server.port}`, egress: 'public' }, soon())).destroy();
  });

  it('also where a proxy would look the name up, as far as the spelling tells', async () => {
    const target = { url: 'http://169.254.169.254', proxy: 'http://127.0.0.1:9' };
    const error = await createDialer()
      .connect(target, soon())
      .catch((cause: unknown) => cause);
    expect(dialReason(error)).toBe('egress');
    const proxied = { url: 'http://vendor.test', proxy: 'http://proxy.test' };
    const { lookup } = fakeDns({ 'proxy.test': ['169.254.169.254'] });
    const byProxy = await createDialer({ lookup })
      .connect(proxied, soon())
      .catch((cause: unknown) => cause);
    expect(dialReason(byProxy)).toBe('egress');
  });
});

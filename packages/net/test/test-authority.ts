import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';

/** A certificate and its key, each a PEM text. */
export interface Issued {
  readonly cert: string;
  readonly key: string;
}

/** What a certificate says; by default it is good for a day around now. */
export interface Claims {
  /** Host names and IPv4 addresses; the first one is its common name too. */
  readonly names: readonly string[];
  readonly from?: Date;
  readonly until?: Date;
}

/** An authority made for a test; it lives in memory alone. */
export interface TestAuthority extends Issued {
  issue(claims: Claims): Issued;
}

/** DER (X.690): one value. A length over 127 takes bytes of its own. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const size = Buffer.from(body.length.toString(16).padStart(body.length > 0xff ? 4 : 2, '0'), 'hex');
  const length = body.length < 0x80 ? size : Buffer.concat([Buffer.from([0x80 | size.length]), size]);
  return Buffer.concat([Buffer.from([tag]), length, body]);
}

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts);
const octets = (...parts: readonly Buffer[]): Buffer => der(0x04, ...parts);
const bits = (bytes: Buffer): Buffer => der(0x03, hex('00'), bytes);
const TRUE = hex('0101ff');

/** Object identifiers, in DER. */
const ECDSA_WITH_SHA256 = sequence(hex('06082a8648ce3d040302'));
const COMMON_NAME = hex('0603550403');
const BASIC_CONSTRAINTS = hex('0603551d13');
const ALTERNATIVE_NAMES = hex('0603551d11');

const nameOf = (text: string): Buffer =>
  sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from(text, 'utf8')))));
/** A GeneralizedTime. */
const timeOf = (date: Date): Buffer => der(0x18, Buffer.from(`${date.toISOString().replace(/\D/g, '').slice(0, 14)}Z`));
const alternative = (name: string): Buffer =>
  isIP(name) === 4 ? der(0x87, Buffer.from(name.split('.').map(Number))) : der(0x82, Buffer.from(name));
const extension = (id: Buffer, value: Buffer, isCritical = false): Buffer =>
  sequence(id, ...(isCritical ? [TRUE] : []), octets(value));

interface Order extends Claims {
  readonly issuer: string;
  readonly publicKey: KeyObject;
  readonly signingKey: KeyObject;
  readonly isAuthority: boolean;
}

const DAY_MS = 86_400_000;

/** A certificate of version 3 (RFC 5280 §4.1), signed with ECDSA. */
function certificate({ names, issuer, publicKey, signingKey, isAuthority, ...validity }: Order): string {
  const { from = new Date(Date.now() - DAY_MS), until = new Date(Date.now() + DAY_MS) } = validity;
  const extensions = [
    extension(BASIC_CONSTRAINTS, sequence(...(isAuthority ? [TRUE] : [])), true),
    ...(isAuthority ? [] : [extension(ALTERNATIVE_NAMES, sequence(...names.map(alternative)))]),
  ];
  const signed = sequence(
    der(0xa0, hex('020102')),
    der(0x02, hex('01'), randomBytes(8)),
    ECDSA_WITH_SHA256,
    nameOf(issuer),
    sequence(timeOf(from), timeOf(until)),
    nameOf(names[0] ?? 'nobody'),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
  const whole = sequence(signed, ECDSA_WITH_SHA256, bits(sign('sha256', signed, signingKey)));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

const pemOf = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

/** An authority called `name`, and certificates signed by it. */
export function createAuthority(name = 'Authority of a test'): TestAuthority {
  const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const by = { issuer: name, signingKey: own.privateKey };
  return {
    cert: certificate({ ...by, names: [name], publicKey: own.publicKey, isAuthority: true }),
    key: pemOf(own.privateKey),
    issue(claims) {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      return { cert: certificate({ ...claims, ...by, publicKey, isAuthority: false }), key: pemOf(privateKey) };
    },
  };
}

import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Secret, type TlsSettings } from '@smmf/core';
import * as z from 'zod';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;
const PRIVATE_KEY = /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----[\s\S]+?-----END (?:[A-Z]+ )?PRIVATE KEY-----/;
/** DER in base64, without the lines around it: it must not be shown as if it were the name of a file. */
const BARE_BASE64 = /^M[\w+/=\s]{63,}$/;

const isText = (written: string): boolean => written.includes('-----BEGIN ') || BARE_BASE64.test(written);
const reasonOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';

/** Thrown by the readers below; its message is a fault of the config. */
class PemFault extends Error {}

/** A PEM text, and what it is called in a fault. */
interface Pem {
  readonly text: string;
  readonly name: string;
}

/** What an option holds: a PEM text as it stands, or that of the file which it names. */
function pemOf(written: string): Pem {
  if (isText(written)) return { text: written, name: 'the text' };
  const name = `file ${written}`;
  try {
    return { text: readFileSync(written, 'latin1'), name };
  } catch (error) {
    throw new PemFault(`${name} cannot be read${reasonOf(error)}; check the path and its rights`);
  }
}

/** The certificates of a text, and nothing else that stands in it: some files hold the key too. */
function certificatesOf(written: string): readonly string[] {
  const { text, name } = pemOf(written);
  const found = text.match(CERTIFICATE) ?? [];
  if (found.length === 0) {
    const remedy = 'a file of DER becomes one by `openssl x509 -inform der -in FILE -out cert.pem`';
    throw new PemFault(`${name} holds no certificate in PEM (-----BEGIN CERTIFICATE-----); ${remedy}`);
  }
  for (const [index, certificate] of found.entries()) {
    try {
      new X509Certificate(certificate);
    } catch (error) {
      const which = `certificate ${index + 1} of ${found.length} in ${name}`;
      throw new PemFault(`${which} cannot be read${reasonOf(error)}; is it whole?`);
    }
  }
  return found;
}

/** The private key of a text, and nothing else that stands in it. */
function keyOf(written: string): { readonly pem: string; readonly key: KeyObject } {
  const { text, name } = pemOf(written);
  const [pem] = PRIVATE_KEY.exec(text) ?? [];
  if (pem === undefined) {
    const remedy = 'one of DER becomes one by `openssl pkey -inform der -in FILE -out key.pem`';
    throw new PemFault(`${name} holds no private key in PEM (-----BEGIN PRIVATE KEY-----); ${remedy}`);
  }
  try {
    return { pem, key: createPrivateKey(pem) };
  } catch (error) {
    const fault = pem.includes('ENCRYPTED')
      ? 'is encrypted; `openssl pkey -in FILE -out key.pem` opens it'
      : `cannot be read${reasonOf(error)}; is it whole?`;
    throw new PemFault(`the private key in ${name} ${fault}`);
  }
}

/** What `read` gives; undefined, with a fault at `path`, where it cannot be read. */
function readAt<T>(path: string, context: z.RefinementCtx, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof PemFault)) throw error;
    context.addIssue({ code: 'custom', path: [path], message: error.message });
    return undefined;
  }
}

const text = (): z.ZodString => z.string().min(1);
const schema = () =>
  z.strictObject({
    ca: z.union([text(), z.array(text()).min(1)]).optional(),
    cert: text().optional(),
    key: text().optional(),
  });

function settingsOf({ ca, cert, key }: z.output<ReturnType<typeof schema>>, context: z.RefinementCtx): TlsSettings {
  const authorities = readAt('ca', context, () => [ca ?? []].flat().flatMap(certificatesOf)) ?? [];
  const own = cert === undefined ? undefined : readAt('cert', context, () => certificatesOf(cert));
  const secret = key === undefined ? undefined : readAt('key', context, () => keyOf(key));
  const fault = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message });
  if (cert !== undefined && key === undefined) fault('key', 'the private key of cert is missing');
  if (cert === undefined && key !== undefined) fault('cert', 'the certificate of key is missing');
  if (own && secret && !new X509Certificate(own[0] ?? '').checkPrivateKey(secret.key)) {
    fault('key', "does not fit the certificate of cert, whose first one must be the client's own");
  }
  return {
    ...(authorities.length === 0 ? {} : { ca: authorities }),
    ...(own && secret ? { cert: own.join('\n'), key: new Secret(secret.pem) } : {}),
  };
}

/** See {@link endpointOption.tls}. */
export const tls = () => schema().transform(settingsOf);

/**
 * Options of an engine with the files that its `tls` names looked for from `folder`; PEM texts, and what is no option of that kind,
 * stay as they are.
 */
export function placeTlsFiles<T>(options: T, folder: string): T {
  const given: unknown = Reflect.get(Object(options), 'tls');
  if (typeof given !== 'object' || given === null) return options;
  const place = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(place);
    return typeof value !== 'string' || value === '' || isText(value) ? value : resolve(folder, value);
  };
  const placed = Object.fromEntries(Object.entries(given).map(([key, value]) => [key, place(value)]));
  return { ...options, tls: placed };
}

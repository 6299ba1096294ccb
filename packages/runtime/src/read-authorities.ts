import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { FaultList } from './faults.ts';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

const reasonOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';

/** The certificates of one file, each a PEM text; what is wrong with the file is a fault at `path`. */
function certificatesIn(file: string, path: readonly PropertyKey[], faults: FaultList): readonly string[] {
  let text: string;
  try {
    text = readFileSync(file, 'latin1');
  } catch (error) {
    faults.add(path, `file ${file} cannot be read${reasonOf(error)}; check the path and its rights`);
    return [];
  }
  const found = text.match(CERTIFICATE) ?? [];
  if (found.length === 0) {
    const remedy = `a file of DER becomes one by \`openssl x509 -inform der -in ${file} -out ca.pem\``;
    faults.add(path, `file ${file} holds no certificate in PEM (-----BEGIN CERTIFICATE-----); ${remedy}`);
  }
  for (const [index, certificate] of found.entries()) {
    try {
      new X509Certificate(certificate);
    } catch (error) {
      const which = `certificate ${index + 1} of ${found.length} in file ${file}`;
      faults.add(path, `${which} cannot be read${reasonOf(error)}; is it whole?`);
    }
  }
  return found;
}

/**
 * The certificates of the authorities that a config names, each a PEM text. They are read here, because OpenSSL passes over what is no
 * PEM without a word, and connections would fail much later.
 * @param ca the key of the config, with absolute paths
 */
export function readAuthorities(ca: string | readonly string[] | undefined, faults: FaultList): readonly string[] {
  const files =
    typeof ca === 'string'
      ? [{ file: ca, path: ['ca'] }]
      : (ca ?? []).map((file, index) => ({ file, path: ['ca', index] }));
  return files.flatMap(({ file, path }) => (faults.isKnown(path) ? certificatesIn(file, path, faults) : []));
}

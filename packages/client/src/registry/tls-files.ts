import type { TlsSettings } from '@smmf/core';
import * as z from 'zod';
import { tls } from '../tls-option.ts';

const FILES: Readonly<Record<string, string>> = { ca: 'caFile', cert: 'certFile', key: 'keyFile' };
const file = () => z.string().min(1).optional();

/**
 * An option for the PEM files of a registry's connections, `{ caFile, certFile, keyFile }`, read and checked while the config is; relative names
 * are looked for from the config's folder.
 */
export const tlsFiles = () =>
  z
    .strictObject({ caFile: file(), certFile: file(), keyFile: file() })
    .transform(({ caFile, certFile, keyFile }, context): TlsSettings => {
      const read = tls().safeParse({ ca: caFile, cert: certFile, key: keyFile });
      if (read.success) return read.data;
      for (const { message, path } of read.error.issues) {
        context.addIssue({ code: 'custom', path: path.map((key) => FILES[String(key)] ?? key), message });
      }
      return z.NEVER;
    });

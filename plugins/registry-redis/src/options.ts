import { tlsFiles } from '@smmf/client';
import { option } from '@smmf/core';
import * as z from 'zod';

const address = z
  .url({
    protocol: /^rediss?$/,
    error: 'an address such as redis://redis1:6379, or rediss://redis1:6379 with TLS',
    abort: true,
  })
  .refine((text) => new URL(text).username === '' && new URL(text).password === '', {
    error: 'holds credentials; give them as username and password',
  })
  .refine((text) => /^\/?\d*$/.test(new URL(text).pathname), {
    error: 'ends with something that is no number of a database',
  });

export const options = z
  .strictObject({
    url: address.describe('Address of the primary: redis://HOST:PORT, rediss:// with TLS; /N for database N'),
    username: z.string().min(1).optional().describe("User of Redis; default Redis's own `default`"),
    password: option.secret().optional().describe('Its password'),
    tls: tlsFiles()
      .optional()
      .describe(
        'PEM files: { caFile, certFile, keyFile }; the authority of Redis besides those that Node knows, and who SMMF is',
      ),
    requestTimeout: option.duration().prefault('2s').describe('Limit of one call, and of connecting'),
  })
  .refine(({ username, password }) => username === undefined || password !== undefined, {
    error: 'the password of username is missing',
    path: ['password'],
  })
  .refine(({ url, tls }) => tls === undefined || url.startsWith('rediss:'), {
    error: 'is for addresses that begin with rediss://',
    path: ['tls'],
  });

/** Options of the plugin, as they stand in a config. */
export type RegistryRedisOptions = z.input<typeof options>;

/** The same after parsing. */
export type RedisSettings = z.output<typeof options>;

import { tlsFiles } from '@smmf/client';
import { option } from '@smmf/core';
import * as z from 'zod';

const endpoint = z
  .url({ protocol: /^https?$/, error: 'an address such as http://etcd1:2379, or https://etcd1:2379', abort: true })
  .refine((text) => new URL(text).username === '' && new URL(text).password === '', {
    error: 'holds credentials; give them as username and password',
  })
  .transform((text) => text.replace(/\/+$/, ''));

export const options = z
  .strictObject({
    endpoints: z.array(endpoint).min(1).describe('Addresses of the members of one etcd cluster, tried in turn'),
    username: z.string().min(1).optional().describe('User of etcd; needed where its authentication is enabled'),
    password: option.secret().optional().describe('Its password'),
    tls: tlsFiles()
      .optional()
      .describe(
        'PEM files: { caFile, certFile, keyFile }; the authority of etcd besides those that Node knows, and who SMMF is',
      ),
    requestTimeout: option.duration().prefault('2s').describe('Limit of one call'),
  })
  .refine(({ username, password }) => (username === undefined) === (password === undefined), {
    error: 'username and password belong together: give both, or neither',
  });

/** Options of the plugin, as they stand in a config. */
export type RegistryEtcdOptions = z.input<typeof options>;

/** The same after parsing. */
export type EtcdSettings = z.output<typeof options>;

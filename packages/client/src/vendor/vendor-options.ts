import { option, type Secret } from '@smmf/core';
import * as z from 'zod';
import { endpointOption, oneAuthorization } from '../endpoint-options.ts';
import type { VendorKey } from './credentials.ts';

const key = z.strictObject({
  key: option.secret().describe('The key'),
  name: z
    .string()
    .regex(/^[\w.-]{1,32}$/, 'letters, digits, dots, dashes: never the key itself')
    .optional()
    .describe('How logs and `smmf instance describe` call it; default key-1, key-2, …'),
  weight: z.number().positive().optional().describe("Its share of the requests beside the others'; default 1"),
  group: z.string().min(1).max(64).optional().describe('Keys with one limit of calls: one organisation'),
});

/** How often a vendor is asked whether it is there: each question is a connection to a stranger. */
const probe = () =>
  z
    .strictObject({
      interval: option.duration().prefault('60s').describe('Between two probes'),
      timeout: option.duration().prefault('5s').describe('Limit of one probe'),
    })
    .transform(({ interval, timeout }) => ({ intervalMs: interval, timeoutMs: timeout }))
    .prefault({});

/** What every vendor can be told. */
const common = {
  url: endpointOption.url().optional().describe("In place of the vendor's own address: a private endpoint, a gateway"),
  model: z
    .string()
    .min(1)
    .optional()
    .describe("The vendor's own name of the model; default: the model id of the config"),
  apiKey: option.secret().optional().describe('The key'),
  keys: z
    .array(key)
    .min(1)
    .max(64)
    .optional()
    .describe(
      'Several keys in place of apiKey: requests are spread over them, and one that is refused or used up rests',
    ),
  headers: endpointOption.headers().optional().describe('Sent with every request'),
  tasks: z
    .array(z.enum(['chat', 'completions', 'embeddings', 'rerank']))
    .min(1)
    .default(['chat'])
    .describe('What the model does'),
  strict: endpointOption.strict(),
  slots: z
    .int()
    .positive()
    .optional()
    .describe('Calls at once; more wait in line. Default no limit: the vendor says when it is full'),
  connectTimeout: option.duration().prefault('5s').describe('Limit for connecting, TLS included'),
  proxy: endpointOption
    .proxy('env')
    .describe('env: through the proxy that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name for it; none: directly'),
  tls: endpointOption
    .tls()
    .optional()
    .describe(
      'PEM files or texts: ca (further authorities of the server), cert and key (who SMMF is): { ca, cert, key }',
    ),
  probe: probe().describe('How often, and within which limit, it is asked whether it is there'),
};

/** The options of a vendor's plugin: those that every vendor has, and its own. */
export type VendorOptions<S extends z.ZodRawShape> = z.ZodObject<typeof common & S>;

/** Makes them; a field of `own` takes the place of a common one. */
export function vendorOptions<S extends z.ZodRawShape>(own: S): VendorOptions<S> {
  const object = z.strictObject({ ...common, ...own });
  const checked: z.ZodType<VendorSettings> = (object as unknown as z.ZodObject<typeof common>)
    .refine((given) => given.apiKey === undefined || given.keys === undefined, {
      path: ['keys'],
      error: 'apiKey and keys are two ways to say the same; keep one of them',
    })
    .refine((given) => new Set(namesOf(given.keys)).size === (given.keys?.length ?? 0), {
      path: ['keys'],
      error: 'two keys have one name',
    })
    .refine((given) => oneAuthorization({ apiKey: given.apiKey ?? given.keys, headers: given.headers }), {
      path: ['headers'],
      error: 'authorization is set by apiKey already; keep one of them',
    });
  return checked as unknown as VendorOptions<S>;
}

const namesOf = (keys: readonly VendorKey[] | undefined): string[] =>
  (keys ?? []).map(({ name }, index) => name ?? `key-${index + 1}`);

/** The options of every vendor, parsed. */
export type VendorSettings = z.output<z.ZodObject<typeof common>>;

/** The keys, however they are written. */
export function keysOf({ apiKey, keys }: { apiKey?: Secret | undefined; keys?: readonly VendorKey[] | undefined }) {
  return keys ?? (apiKey ? [{ key: apiKey }] : []);
}

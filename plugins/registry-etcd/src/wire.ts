import * as z from 'zod';

// etcd's JSON gateway (3.4 to 3.6, docs `dev-guide/api_grpc_gateway`, and tried on 3.4.23): keys and values are base64, every int64 is
// text, and a field that is empty, zero or false is left out.

const header = z.looseObject({ cluster_id: z.string().optional(), revision: z.string().default('0') });

const keyValue = z.looseObject({
  key: z.string(),
  value: z.string().default(''),
  mod_revision: z.string().default('0'),
  lease: z.string().default('0'),
});

/** One key as etcd shows it. */
export type KeyValue = z.output<typeof keyValue>;

export const rangeAnswer = z.looseObject({
  header,
  kvs: z.array(keyValue).default([]),
  more: z.boolean().default(false),
});

export const txnAnswer = z.looseObject({
  header,
  succeeded: z.boolean().default(false),
  responses: z
    .array(z.looseObject({ response_range: z.looseObject({ kvs: z.array(keyValue).default([]) }).optional() }))
    .default([]),
});

export const grantAnswer = z.looseObject({ ID: z.string() });

/** An ended lease is answered with 200 and no TTL. */
export const keepAliveAnswer = z.looseObject({ result: z.looseObject({ TTL: z.string().default('0') }) });

export const tokenAnswer = z.looseObject({ token: z.string().min(1) });

/** One message of a watch's stream. */
export const watchMessage = z.looseObject({
  result: z.looseObject({
    header,
    canceled: z.boolean().default(false),
    cancel_reason: z.string().optional(),
    compact_revision: z.string().optional(),
    events: z.array(z.looseObject({ type: z.literal('DELETE').optional(), kv: keyValue })).default([]),
  }),
});

/** A change that a watch shows. */
export type WatchEvent = z.output<typeof watchMessage>['result']['events'][number];

/** How etcd says no: a gRPC code and its words. In the stream of a watch it stands one level down. */
export const refusal = z.looseObject({
  code: z.number().optional(),
  message: z.string().default(''),
  error: z.union([z.string(), z.looseObject({ grpc_code: z.number().optional(), message: z.string().default('') })]),
});

/** gRPC codes that are told apart. */
export const GRPC = {
  invalid: 3,
  notFound: 5,
  denied: 7,
  precondition: 9,
  outOfRange: 11,
  unauthenticated: 16,
} as const;

export const toBase64 = (text: string): string => Buffer.from(text).toString('base64');
export const fromBase64 = (text: string): string => Buffer.from(text, 'base64').toString();

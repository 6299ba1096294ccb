import { ERROR_CODES, type ErrorCode, loadSample, modelCard, modelSource } from '@smmf/protocol';
import * as z from 'zod';

// What a host and its engine's process say to each other over the IPC channel. Secrets among the options go this way
// and no other: never as arguments, never in the environment.

const codes = Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]];
const fault = z.object({ code: z.enum(codes), message: z.string() });

/** Where an engine's process is to listen. */
const place = z.union([
  z.object({ socketPath: z.string() }),
  z.object({ port: z.number(), host: z.string().default('127.0.0.1') }),
]);

/** What a host says to its engine's process. */
export const toEngine = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('start'),
    instanceId: z.string(),
    model: z.string(),
    pluginUrl: z.string(),
    options: z.unknown(),
    listen: place,
    /** What callers must bring; absent: nothing. */
    key: z.string().optional(),
    /** With which it proves who it is; absent: it does not. */
    identityKey: z.string().optional(),
    /** PEM files to serve HTTPS with. */
    tls: z.object({ certFile: z.string(), keyFile: z.string(), caFile: z.string().optional() }).optional(),
    /** Requests at once, where the config says it: the threads of a synchronous backend. */
    slots: z.number().int().positive().optional(),
    /** Which addresses the plugin's client may reach, beyond the rule. */
    egress: z.object({ allow: z.array(z.string()), deny: z.array(z.string()) }).optional(),
    /** Certificates of authorities that it trusts besides those of Node, each a PEM text. */
    authorities: z.array(z.string()).optional(),
  }),
  z.object({ type: z.literal('file'), id: z.number(), path: z.string() }),
  z.object({ type: z.literal('no-file'), id: z.number(), fault }),
  z.object({ type: z.literal('drain'), limitMs: z.number() }),
  z.object({ type: z.literal('stop') }),
]);

/** What an engine's process says to its host. */
export const toHost = z.discriminatedUnion('type', [
  z.object({ type: z.literal('fetch'), id: z.number(), source: modelSource() }),
  z.object({
    type: z.literal('up'),
    models: z.array(modelCard).max(64),
    slots: z.number().int().positive().optional(),
    url: z.string(),
    socketPath: z.string().optional(),
  }),
  z.object({ type: z.literal('failed'), fault }),
  z.object({ type: z.literal('leaving') }),
  z.object({ type: z.literal('drained') }),
  z.object({
    type: z.literal('log'),
    level: z.enum(['fatal', 'error', 'warn', 'info', 'debug']),
    fields: z.record(z.string(), z.unknown()),
    text: z.string(),
  }),
]);

/** Answer of `GET /healthz` of an engine's process. */
export const engineHealth = z.object({
  live: z.boolean(),
  ready: z.boolean(),
  reason: z.string().optional(),
  load: loadSample.optional(),
  models: z.array(modelCard).max(64),
});

/** A message of a host. */
export type ToEngine = z.infer<typeof toEngine>;
/** A message of an engine's process. */
export type ToHost = z.infer<typeof toHost>;
/** The order to start. */
export type StartMessage = Extract<ToEngine, { type: 'start' }>;
/** An error on its way between the two. */
export type Fault = z.infer<typeof fault>;

import { type Dialer, type Secret, SmmfError } from '@smmf/core';
import {
  type ClusterView,
  type Command,
  type EngineLog,
  engineLog,
  type HostCommand,
  type HostView,
  type InstanceView,
  instanceView,
  type LogQuery,
  type MemberKind,
  type ModelList,
  memberRecord,
  modelList,
  type Operation,
  operation,
  readErrorBody,
} from '@smmf/protocol';
import * as z from 'zod';
import { createSmallClient, type SmallAnswer } from './http-json.ts';
import { noAnswer } from './no-answer.ts';

/** Where the admin API is. */
export interface AdminClientOptions {
  /** For example `http://127.0.0.1:8010`. */
  readonly url: string;
  readonly key?: Secret | undefined;
  /** Limit of one call; default 10 000. */
  readonly timeoutMs?: number;
  /** Opens the connections; default one that goes straight to the server. */
  readonly dialer?: Dialer | undefined;
}

/** The controller's admin API. Every call throws UNREACHABLE when nothing answers, and the server's own code otherwise. */
export interface AdminClient {
  models(): Promise<ModelList>;
  instances(): Promise<readonly InstanceView[]>;
  /** A restart comes back while it runs: ask {@link AdminClient.operation} how far it is. */
  apply(command: Command): Promise<Operation>;
  /** @throws NOT_FOUND for one that is unknown, or too long ago */
  operation(id: string): Promise<Operation>;
  /** What the engine of an instance wrote last, oldest first. @throws NOT_FOUND */
  logs(instance: string, query?: LogQuery): Promise<EngineLog['lines']>;
  /** The whole at this moment, with what is not well. */
  cluster(): Promise<ClusterView>;
  /** The worker hosts, by id. */
  hosts(): Promise<readonly HostView[]>;
  /** The host as it is after the order. @throws NOT_FOUND */
  applyToHost(command: HostCommand): Promise<HostView>;
  close(): Promise<void>;
}

const instanceList = z.object({ data: z.array(instanceView) });
const placement = z.object({
  id: z.string(),
  standing: z.enum(['up', 'cordoned', 'draining', 'leaving', 'lost']),
  instances: z.array(z.string()),
});
/** One that is lost has told nothing. */
const hostView = z.union([memberRecord.extend(placement.shape), placement]) satisfies z.ZodType<HostView>;
const hostList = z.object({ data: z.array(hostView) });
const clusterView = z.object({
  namespace: z.string(),
  members: z.array(memberRecord.extend({ kind: z.enum(['worker', 'apiserver', 'controller'] satisfies MemberKind[]) })),
  hosts: z.array(hostView),
  instances: z.object({ ready: z.number(), starting: z.number().default(0), all: z.number() }),
  problems: z.array(z.object({ what: z.string(), remedy: z.string() })),
}) satisfies z.ZodType<ClusterView>;
const logList = z.object({ data: engineLog.shape.lines });

function refusal({ status, json }: SmallAnswer, url: string): SmmfError {
  const message = readErrorBody(json)?.message ?? `HTTP ${status}`;
  const code =
    status === 401
      ? 'INVALID_API_KEY'
      : status === 403
        ? 'PERMISSION_DENIED'
        : status === 404
          ? 'NOT_FOUND'
          : 'INVALID_REQUEST';
  return new SmmfError(code, `${url}: ${message}`);
}

/** A client of the admin API at `options.url`. */
export function createAdminClient({ url, key, timeoutMs = 10_000, dialer }: AdminClientOptions): AdminClient {
  const headers = (): Record<string, string> => (key ? { authorization: `Bearer ${key.reveal()}` } : {});
  const client = createSmallClient({ url, headers, dialer });
  const call = async <S extends z.ZodType>(
    schema: S,
    send: (signal: AbortSignal) => Promise<SmallAnswer>,
  ): Promise<z.output<S>> => {
    const answer = await send(AbortSignal.timeout(timeoutMs)).catch((cause: unknown) => {
      throw noAnswer(url, cause);
    });
    if (answer.status >= 300) throw refusal(answer, url);
    const parsed = schema.safeParse(answer.json);
    if (parsed.success) return parsed.data;
    throw new SmmfError('UNREACHABLE', `What answers at ${url} is no SMMF admin API`, { cause: parsed.error });
  };
  return {
    models: () => call(modelList, (signal) => client.get('/admin/v1/models', signal)),
    instances: async () => (await call(instanceList, (signal) => client.get('/admin/v1/instances', signal))).data,
    apply: ({ instance, action }) =>
      call(operation, (signal) =>
        client.post(`/admin/v1/instances/${encodeURIComponent(instance)}/${action}`, {}, signal),
      ),
    operation: (id) =>
      call(operation, (signal) => client.get(`/admin/v1/operations/${encodeURIComponent(id)}`, signal)),
    logs: async (instance, { after = 0, limit = 100 } = {}) => {
      const path = `/admin/v1/instances/${encodeURIComponent(instance)}/logs?after=${after}&limit=${limit}`;
      return (await call(logList, (signal) => client.get(path, signal))).data;
    },
    cluster: () => call(clusterView, (signal) => client.get('/admin/v1/cluster', signal)),
    hosts: async () => (await call(hostList, (signal) => client.get('/admin/v1/hosts', signal))).data,
    applyToHost: ({ host, action }) =>
      call(hostView, (signal) => client.post(`/admin/v1/hosts/${encodeURIComponent(host)}/${action}`, {}, signal)),
    close: () => client.close(),
  };
}

import { snapshotText } from '@smmf/cluster';
import { SmmfError, type Snapshot } from '@smmf/core';
import { jsonBody, type RouteHost } from '@smmf/server';
import * as z from 'zod';
import { answerHeld } from './held-answer.ts';
import type { MemoryRegistry } from './memory-registry.ts';

const ttlMs = z.number().int().min(1).max(86_400_000);
const registration = z.object({ epoch: z.number(), value: z.string(), ttlMs });
const leaseOrder = z.object({
  ...{ epoch: z.number(), ttlMs },
  action: z.enum(['renew', 'update', 'release']),
  value: z.string().optional(),
});

type Named = { readonly Params: { readonly id: string } };

/**
 * Serves a registry that lives in this process to other members, with the scope `join`: `POST /registry/v1/entries/{id}` registers,
 * `POST /registry/v1/entries/{id}/lease` renews, updates or releases, `GET` of the first reads, and
 * `GET /registry/v1/snapshot?version=V&waitMs=N` is held until there is another snapshot than V.
 */
export function registryRoutes({ app }: RouteHost, { registry }: { readonly registry: MemoryRegistry }): void {
  const join = { config: { scope: 'join' } } as const;
  // Written once for all who ask for it.
  const texts = new WeakMap<Snapshot, string>();
  const textOf = (snapshot: Snapshot): string => {
    const text = texts.get(snapshot) ?? snapshotText(snapshot);
    texts.set(snapshot, text);
    return text;
  };
  app.get('/registry/v1/snapshot', join, (request, reply) =>
    answerHeld(request, reply, (listener) =>
      registry.watch((snapshot) => {
        const { generation, revision, complete } = snapshot;
        listener({ version: `${generation}:${revision}:${complete}`, text: () => textOf(snapshot) });
      }),
    ),
  );
  app.get<Named>('/registry/v1/entries/:id', join, async (request, reply) => {
    const entry = await registry.get(request.params.id, noLimit());
    return reply.send({ entry: entry ?? null });
  });
  app.post<Named>('/registry/v1/entries/:id', join, async (request, reply) => {
    const { epoch, value, ttlMs } = jsonBody(request, registration);
    await registry.register({ id: request.params.id, epoch, value }, ttlMs, noLimit());
    return reply.send({});
  });
  app.post<Named>('/registry/v1/entries/:id/lease', join, async (request, reply) => {
    const { epoch, action, value, ttlMs } = jsonBody(request, leaseOrder);
    const lease = registry.leaseOf(request.params.id, epoch, ttlMs);
    if (action === 'release') {
      await lease.release(value, noLimit());
      return reply.send({ result: 'ok' });
    }
    if (action === 'renew') return reply.send({ result: await lease.renew(noLimit()) });
    if (value === undefined) throw new SmmfError('MISSING_REQUIRED_PARAMETER', 'value is missing', { param: 'value' });
    return reply.send({ result: await lease.update(value, noLimit()) });
  });
}

/** The registry is in this process: its calls wait for nothing. */
const noLimit = (): AbortSignal => new AbortController().signal;

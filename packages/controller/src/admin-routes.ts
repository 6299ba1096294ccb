import { type Controller, redact } from '@smmf/core';
import { command, type InstanceView, type ModelCard } from '@smmf/protocol';
import type { RouteHost } from '@smmf/server';

/** What {@link adminRoutes} shows and commands. */
export interface AdminContext {
  readonly controller: Controller;
  /** The public models, as the router knows them. */
  readonly models: () => readonly ModelCard[];
}

const ACTIONS = command.shape.action.options;

/** A view as it may leave the process: engines' words and addresses without credentials. */
function shown(view: InstanceView): InstanceView {
  const { reason, address } = view;
  return {
    ...view,
    ...(reason === undefined ? {} : { reason: redact(reason) }),
    ...(address ? { address: { ...address, url: redact(address.url) } } : {}),
  };
}

/**
 * Adds the admin API: `GET /admin/v1/models`, `GET /admin/v1/instances`, and `POST /admin/v1/instances/{id}/{action}` with
 * action online, offline, drain or restart. Reading needs the scope `admin:read`, commands `admin:write`.
 */
export function adminRoutes({ app }: RouteHost, { controller, models }: AdminContext): void {
  const read = { config: { scope: 'admin:read' } } as const;
  const write = { config: { scope: 'admin:write' } } as const;
  app.get('/admin/v1/models', read, (_request, reply) => {
    const instances = controller.instances();
    const data = models().map((card) => ({
      object: 'model',
      instances: instances.filter((view) => view.models.some(({ id }) => id === card.id)).map(({ id }) => id),
      ...card,
    }));
    reply.send({ object: 'list', data });
  });
  app.get('/admin/v1/instances', read, (_request, reply) => {
    reply.send({ object: 'list', data: controller.instances().map(shown) });
  });
  for (const action of ACTIONS) {
    app.post<{ Params: { instance: string } }>(`/admin/v1/instances/:instance/${action}`, write, async (request) => {
      const operation = await controller.apply({ action, instance: request.params.instance });
      return operation.reason === undefined ? operation : { ...operation, reason: redact(operation.reason) };
    });
  }
}

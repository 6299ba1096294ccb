import { type Controller, redact, SmmfError } from '@smmf/core';
import { command, type InstanceView, type Operation } from '@smmf/protocol';
import type { RouteHost } from '@smmf/server';

/** What {@link adminRoutes} shows and commands. */
export interface AdminContext {
  readonly controller: Controller;
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
 * action online, offline, drain or restart. A restart answers 202 with an operation that runs; `GET /admin/v1/operations` and
 * `GET /admin/v1/operations/{id}` tell how far it is. Reading needs the scope `admin:read`, commands `admin:write`.
 */
export function adminRoutes({ app }: RouteHost, { controller }: AdminContext): void {
  const read = { config: { scope: 'admin:read' } } as const;
  const write = { config: { scope: 'admin:write' } } as const;
  app.get('/admin/v1/models', read, async (_request, reply) => {
    const data = (await controller.models()).map((model) => ({ object: 'model', ...model }));
    return reply.send({ object: 'list', data });
  });
  app.get('/admin/v1/instances', read, async (_request, reply) => {
    return reply.send({ object: 'list', data: (await controller.instances()).map(shown) });
  });
  for (const action of ACTIONS) {
    app.post<{ Params: { instance: string } }>(
      `/admin/v1/instances/:instance/${action}`,
      write,
      async (request, reply) => {
        const operation = await controller.apply({ action, instance: request.params.instance });
        return reply.code(operation.state === 'running' ? 202 : 200).send(shownOperation(operation));
      },
    );
  }
  app.get('/admin/v1/operations', read, (_request, reply) => {
    reply.send({ object: 'list', data: controller.operations().map(shownOperation) });
  });
  app.get<{ Params: { operation: string } }>('/admin/v1/operations/:operation', read, (request, reply) => {
    const { operation: id } = request.params;
    const found = controller.operations().find((operation) => operation.id === id);
    if (!found) throw new SmmfError('NOT_FOUND', `There is no operation "${id.slice(0, 128)}", or it is too long ago`);
    reply.send(shownOperation(found));
  });
}

function shownOperation({ reason, progress, ...operation }: Operation): Operation {
  return {
    ...operation,
    ...(reason === undefined ? {} : { reason: redact(reason) }),
    ...(progress === undefined ? {} : { progress: redact(progress) }),
  };
}

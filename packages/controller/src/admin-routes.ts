import { redact, SmmfError } from '@smmf/core';
import { command, hostCommand, type InstanceView, logQuery, type Operation } from '@smmf/protocol';
import type { RouteHost } from '@smmf/server';
import type { ControllerHandle } from './create-controller.ts';

/** What {@link adminRoutes} shows and commands. */
export interface AdminContext {
  readonly controller: Pick<
    ControllerHandle,
    'models' | 'instances' | 'apply' | 'operations' | 'logs' | 'hosts' | 'applyToHost' | 'cluster'
  >;
}

const ACTIONS = command.shape.action.options;
const ROUTES = { read: { config: { scope: 'admin:read' } }, write: { config: { scope: 'admin:write' } } } as const;
const HOST_ACTIONS = hostCommand.shape.action.options;

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
 * Adds the admin API: `GET /admin/v1/models`, `GET /admin/v1/instances`, `GET /admin/v1/instances/{id}/logs?after=SEQ&limit=N`, and `POST /admin/v1/instances/{id}/{action}` with
 * action online, offline, drain or restart. A restart answers 202 with an operation that runs; `GET /admin/v1/operations` and
 * `GET /admin/v1/operations/{id}` tell how far it is. `GET /admin/v1/cluster` is the whole, with what is wrong; `GET /admin/v1/hosts` and
 * `POST /admin/v1/hosts/{id}/{action}` with cordon, uncordon, drain or resume are for worker hosts. Reading needs the scope `admin:read`, commands `admin:write`.
 */
export function adminRoutes({ app }: RouteHost, { controller }: AdminContext): void {
  const { read, write } = ROUTES;
  clusterRoutes(app, controller);
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
  app.get<{ Params: { instance: string }; Querystring: unknown }>(
    '/admin/v1/instances/:instance/logs',
    read,
    async (request, reply) => {
      const { data, error } = logQuery.safeParse(request.query);
      if (!data)
        throw new SmmfError('INVALID_VALUE', `Query ${error.issues[0]?.path.join('.')}: ${error.issues[0]?.message}`);
      return reply.send({ object: 'list', data: (await controller.logs(request.params.instance, data)).lines });
    },
  );
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

/** What is asked and ordered of the cluster and its worker hosts. */
function clusterRoutes(app: RouteHost['app'], controller: AdminContext['controller']): void {
  app.get('/admin/v1/cluster', ROUTES.read, async (_request, reply) => {
    const { problems, ...cluster } = await controller.cluster();
    return reply.send({ ...cluster, problems: problems.map(({ what, remedy }) => ({ what: redact(what), remedy })) });
  });
  app.get('/admin/v1/hosts', ROUTES.read, (_request, reply) => {
    reply.send({ object: 'list', data: controller.hosts() });
  });
  for (const action of HOST_ACTIONS) {
    app.post<{ Params: { host: string } }>(`/admin/v1/hosts/:host/${action}`, ROUTES.write, (request, reply) => {
      reply.send(controller.applyToHost({ action, host: request.params.host }));
    });
  }
}

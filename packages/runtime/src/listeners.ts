import { assertPortFree, type TcpAddress } from '@smmf/server';
import type { ParsedConfig } from './config.ts';

type Section = Pick<ParsedConfig['server'] | ParsedConfig['admin'], 'host' | 'port'>;

/** Where the OpenAI API listens, named for errors. */
export const serverAddress = ({ host, port }: Section): TcpAddress => ({
  ...{ host, port },
  listener: { name: 'The OpenAI API', setting: 'server.port' },
});

/** Where the admin API listens, named for errors. */
export const adminAddress = ({ host, port }: Section): TcpAddress => ({
  ...{ host, port },
  listener: { name: 'The admin API', setting: 'admin.port' },
});

/** Where members of the cluster call a controller, named for errors. */
export const controllerAddress = ({ host, port }: Section): TcpAddress => ({
  ...{ host, port },
  listener: { name: 'The registry of the controller', setting: 'controller.port' },
});

/** Where a worker host listens, named for errors. */
export const workerAddress = ({ host, port }: Section): TcpAddress => ({
  ...{ host, port },
  listener: { name: 'The worker host', setting: 'worker.ports' },
});

/** Can both be listened at by now. @throws PORT_IN_USE, CONFIG_INVALID */
export async function assertPorts({ server, admin }: Pick<ParsedConfig, 'server' | 'admin'>): Promise<void> {
  for (const address of [adminAddress(admin), serverAddress(server)]) await assertPortFree(address);
}

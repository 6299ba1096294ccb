import { createRole } from '../../src/index.ts';
import { type Begun, endWithParent, shared } from './plan.ts';

/** An API server of the cluster. Arguments: folder, the controller's port. */

const [stateDir = '', port = ''] = process.argv.slice(2);
const server = await createRole('apiserver', {
  ...{ ...shared(stateDir), join: `http://127.0.0.1:${port}` },
  server: { port: 0, connectionsPerAddress: 1_000 },
});
endWithParent(() => server.close(0));
process.send?.({ port: server.listening['OpenAI API']?.port ?? 0 } satisfies Begun);

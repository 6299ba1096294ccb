import { join } from 'node:path';
import { createRole } from '../../src/index.ts';
import { type Begun, endWithParent, modelNames, shared } from './plan.ts';

/** A controller with many models and no host to run them on. Arguments: folder, number of models, port. */

const [stateDir = '', models = '1', port = '0'] = process.argv.slice(2);
const engine = join(import.meta.dirname, '../../../testkit/src/demo/demo-engine.ts');
const controller = await createRole('controller', {
  ...{ ...shared(stateDir), controller: { port: Number(port) }, admin: { port: 0 } },
  models: Object.fromEntries(modelNames(Number(models)).map((name) => [name, { engine }])),
});
endWithParent(() => controller.close(0));
process.send?.({ port: controller.listening['registry and feeds']?.port ?? 0 } satisfies Begun);

// Started by the test of two processes: fetches one file and prints its path.
import { createDialer, createHttpClient } from '../../net/src/index.ts';
import { createModelStore } from '../src/model-store.ts';

const [cacheDir = '', source = ''] = process.argv.slice(2);
const http = createHttpClient(createDialer());
process.stdout.write(await createModelStore({ http, cacheDir, env: {} }).fetch(source));
await http.close();

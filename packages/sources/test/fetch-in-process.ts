// Started by the test of two processes: fetches one file and prints its path.
import { createModelStore } from '../src/model-store.ts';

const [cacheDir = '', source = ''] = process.argv.slice(2);
process.stdout.write(await createModelStore({ cacheDir, env: {} }).fetch(source));

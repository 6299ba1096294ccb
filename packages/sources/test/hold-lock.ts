// Started by the test of a killed owner: takes the lock, says so, and keeps it.
import { acquireLock } from '../src/cache-lock.ts';

await acquireLock(process.argv[2] ?? '', { signal: new AbortController().signal, heartbeatMs: 1_000 });
process.stdout.write('held\n');
setInterval(() => undefined, 1_000);

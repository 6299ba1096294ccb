import { readFileSync } from 'node:fs';
import { runProgram } from './program.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

// Not process.exit: what is still being written goes out first. It comes once nothing is left to do, as Node would then take
// down the signal handlers some milliseconds before the end, and a late copy of the signal that asked for it would kill.
process.once('beforeExit', () => process.exit());
process.exitCode = await runProgram(version, process.argv);
// A handle that something forgot must not keep a stopped program alive.
setTimeout(() => process.exit(), 2_000).unref();

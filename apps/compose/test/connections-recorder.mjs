// Preloaded into every Node process of a command (NODE_OPTIONS=--import): writes one line of JSON for each host that is connected to and for
// each program that is started into the file that CONNECTIONS names.
import childProcess, { ChildProcess } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { Socket } from 'node:net';

const file = process.env.CONNECTIONS ?? '';
const note = (entry) => appendFileSync(file, `${JSON.stringify(entry)}\n`);

const { connect } = Socket.prototype;
Socket.prototype.connect = function recorded(...given) {
  const [first, second] = Array.isArray(given[0]) ? given[0] : given;
  const host = typeof first === 'object' ? (first.path ?? first.host) : second;
  note({ host: typeof host === 'string' ? host : 'localhost' });
  return connect.apply(this, given);
};

const { spawn } = ChildProcess.prototype;
ChildProcess.prototype.spawn = function recorded(options) {
  note({ program: options.file });
  return spawn.call(this, options);
};

for (const name of ['spawnSync', 'execFileSync', 'execSync']) {
  const start = childProcess[name];
  childProcess[name] = (program, ...more) => {
    note({ program });
    return start(program, ...more);
  };
}
syncBuiltinESMExports();

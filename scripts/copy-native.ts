// Puts ONNX Runtime's files for one platform into `bin` of the package in which it is started: its `prepack`.
//   node ../../scripts/copy-native.ts OS CPU
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { repositoryRoot } from './workspace.ts';

const [os = '', cpu = ''] = process.argv.slice(2);
const beside = createRequire(join(repositoryRoot, 'plugins/embeddings/package.json'));
const from = join(dirname(beside.resolve('onnxruntime-node/package.json')), 'bin/napi-v6', os, cpu);
mkdirSync('bin', { recursive: true });
for (const name of readdirSync(from)) {
  // For macOS the library is there twice, under two names; the binding asks for the shorter one.
  if (!/\.\d+\.\d+\.\d+\.dylib$/.test(name)) copyFileSync(join(from, name), join('bin', name));
}

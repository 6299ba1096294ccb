import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = dirname(dirname(fileURLToPath(import.meta.resolve('@node-llama-cpp/linux-arm64'))));

/** What node-llama-cpp asks of a package that holds a build: the folder of its files, and the version they were made for. */
export function getBinsDir(): { readonly binsDir: string; readonly packageVersion: string } {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  return { binsDir: join(folder, 'bins'), packageVersion: version };
}

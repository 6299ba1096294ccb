// Which code `pnpm mutants` changes, and which tests have to notice. Nothing but data stands here.

/** One package's part. */
export interface MutantTarget {
  readonly name: string;
  /** Files or folders to change, from the root. */
  readonly sources: readonly string[];
  /** The folder of the tests, from the root: those of the same package only. */
  readonly tests: string;
}

const server = ['guard', 'access', 'read-body', 'check-frame', 'wire-check'];
const runtimeConfig = [
  'caller-keys',
  'check-listener',
  'config',
  'config-secrets',
  'faults',
  'known-keys',
  'known-plugins',
  'parse-yaml',
  'read-config',
  'references',
  'resolve-config',
  'resolve-models',
  'typed-references',
];
const protocol = ['json-scan', 'top-level', 'splice', 'sse'];

export const mutantTargets: readonly MutantTarget[] = [
  { name: 'router', sources: ['packages/router/src'], tests: 'packages/router/test' },
  {
    name: 'protocol',
    sources: protocol.map((file) => `packages/protocol/src/${file}.ts`),
    tests: 'packages/protocol/test',
  },
  { name: 'server', sources: server.map((file) => `packages/server/src/${file}.ts`), tests: 'packages/server/test' },
  { name: 'worker', sources: ['packages/worker/src/bridge'], tests: 'packages/worker/test' },
  { name: 'sources', sources: ['packages/sources/src'], tests: 'packages/sources/test' },
  {
    name: 'runtime',
    sources: runtimeConfig.map((file) => `packages/runtime/src/${file}.ts`),
    tests: 'packages/runtime/test',
  },
];

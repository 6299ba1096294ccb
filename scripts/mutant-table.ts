// Which code `pnpm mutants` changes, and which tests have to notice. Nothing but data stands here.

/** One package's part. */
export interface MutantTarget {
  readonly name: string;
  /** Files or folders to change, from the root. */
  readonly sources: readonly string[];
  /** The folder of the tests, from the root: those of the same package only. */
  readonly tests: string;
  /**
   * For `--own`, by source file: the test files that belong to it (names without `.test.ts`) where that is not the one of the
   * same name alone.
   */
  readonly testsOf: Readonly<Record<string, readonly string[]>>;
}

const server = ['guard', 'access', 'read-body', 'wire-check', 'body-memory'];
const serverTests = {
  guard: ['guard', 'client-address'],
  'wire-check': ['wire-fault', 'wire-check'],
  'body-memory': ['body-memory', 'read-body'],
  'read-body': ['read-body', 'body-memory'],
};
const balancers = ['built-in', 'least-outstanding', 'power-of-two', 'random', 'round-robin', 'weighted'];
const routerTests = {
  ...Object.fromEntries(balancers.map((file) => [file, ['balancers']])),
  attempt: ['run', 'wire'],
  context: ['run', 'ejection', 'limits'],
  course: ['course', 'fallback', 'run'],
  'create-router': ['run', 'limits', 'wire'],
  meter: ['run', 'limits'],
  'request-body': ['run', 'wire'],
  run: ['run', 'run-edges', 'limits', 'fallback', 'ejection'],
  connection: ['transports', 'kept-connections'],
  'connection-pool': ['transports', 'kept-connections'],
  transport: ['transports'],
  'typed-attempt': ['typed', 'limits'],
  'undici-transport': ['transports'],
  'wire-attempt': ['wire', 'run', 'limits'],
};
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
const configTests = ['resolve-config', 'config-faults', 'references', 'parse-yaml', 'server-config', 'listeners'];
const runtimeTests = {
  ...Object.fromEntries(runtimeConfig.map((file) => [file, configTests])),
  'parse-yaml': ['parse-yaml'],
  references: ['references'],
  'typed-references': ['references', 'resolve-config'],
};
const workerTests = { 'backend-thread': ['piscina-worker', 'piscina-suite'], 'thread-messages': ['piscina-worker'] };
const protocol = ['json-scan', 'top-level', 'read-frame', 'splice', 'sse'];

export const mutantTargets: readonly MutantTarget[] = [
  { name: 'router', sources: ['packages/router/src'], tests: 'packages/router/test', testsOf: routerTests },
  {
    name: 'protocol',
    sources: protocol.map((file) => `packages/protocol/src/${file}.ts`),
    tests: 'packages/protocol/test',
    testsOf: {},
  },
  {
    name: 'server',
    sources: server.map((file) => `packages/server/src/${file}.ts`),
    tests: 'packages/server/test',
    testsOf: serverTests,
  },
  { name: 'worker', sources: ['packages/worker/src/bridge'], tests: 'packages/worker/test', testsOf: workerTests },
  { name: 'sources', sources: ['packages/sources/src'], tests: 'packages/sources/test', testsOf: {} },
  {
    name: 'runtime',
    sources: runtimeConfig.map((file) => `packages/runtime/src/${file}.ts`),
    tests: 'packages/runtime/test',
    testsOf: runtimeTests,
  },
];

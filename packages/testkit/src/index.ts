export {
  type BalancerSuiteOptions,
  balancerRules,
  balancerSuite,
  testCandidate,
  testPickInfo,
} from './balancer-suite.ts';
export { type EngineSubject, testCall } from './engine-subject.ts';
export { type EngineSuiteOptions, engineRules, engineSuite } from './engine-suite.ts';
export { createFakeClock, type FakeClock } from './fake-clock.ts';
export { createFakeEngine, type FakeAnswer, type FakeEngine, type FakeRequest, streamPieces } from './fake-engine.ts';
export { createFixedServer, type FixedAnswer, type FixedRoutes, type FixedServer } from './fixed-server.ts';
export { freePorts } from './free-ports.ts';
export { PROVIDER_FAULTS, type ProviderFault } from './provider-faults.ts';
export { type ContractRule, OPTIONAL_RULES, REGISTRY_CONTRACT } from './registry-contract.ts';
export { type InProcessOptions, inProcessBackend } from './registry-in-process.ts';
export { type RegistryReport, type RegistryVerdict, uncheckedOf } from './registry-report.ts';
export { type RegistryRule, registryRule, Stopwatch, Watched } from './registry-rule.ts';
export {
  type RegistryBackend,
  type RegistryFaults,
  type RegistryMeasure,
  type RegistryStranger,
  type RegistrySubject,
  testEntry,
} from './registry-subject.ts';
export { type RegistrySuiteOptions, registryRules, registrySuite } from './registry-suite.ts';
export type { RegisterTest, Rule } from './suite.ts';
export { testContext, testEngineContext, testRegistryContext } from './test-context.ts';
export { testRecord } from './test-record.ts';

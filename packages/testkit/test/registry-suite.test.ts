import { describe, expect, it, test, vi } from 'vitest';
import { createFakeClock, inProcessBackend, type RegistryBackend, registryRules, registrySuite } from '../src/index.ts';
import { brokenRules, registered } from './broken.ts';
import { ReaderRegistry, type ReaderWrong } from './reader-registry.ts';
import { smallSubject } from './small-backend.ts';
import { SmallRegistry, WRONGS, type Wrong } from './small-registry.ts';

registrySuite({ test, ...smallSubject() });

/** Those that take the whole process are looked at one by one. */
const ALONE = 'does no work while the backend is silent, and follows it again afterwards';

async function catches(wrong: string, name: string): Promise<void> {
  const one = registryRules.filter((rule) => rule.name === name);
  expect(await brokenRules(one, smallSubject(wrong as Wrong), 20_000)).toEqual([name]);
}

describe('registrySuite', () => {
  it('finds nothing wrong with a sound registry', async () => {
    expect(await brokenRules(registryRules, smallSubject())).toEqual([]);
  });

  const wrongs = Object.entries(WRONGS);
  it.each(wrongs.filter(([, name]) => name === ALONE))('catches what %s', catches);
  it.concurrent.each(wrongs.filter(([, name]) => name !== ALONE))('catches what %s', catches);

  it('has a wrong implementation for each of its rules', () => {
    const proved = new Set<string>(Object.values(WRONGS));
    expect(registryRules.map(({ name }) => name).filter((name) => !proved.has(name))).toEqual([]);
  });

  it('catches what never calls back, each rule by its limit', async () => {
    const never = (): Promise<never> => new Promise(() => undefined);
    const capabilities = new SmallRegistry(createFakeClock(), undefined).capabilities;
    const silent = { capabilities, register: never, get: never, snapshot: never, watch: () => () => undefined };
    const create = async () => inProcessBackend({ ...silent, close: async () => undefined });
    const advance = async () => undefined;
    const broken = await brokenRules(registryRules, { create, advance, ttlMs: 1_000, limitMs: 100 });
    // What a backend in one process cannot have or does not tell is not tried.
    expect(registryRules.map(({ name }) => name).filter((name) => !broken.includes(name))).toEqual([
      'loses nothing alive when its backend is killed and started again with its data',
      'begins another generation when its data are lost, and takes leases anew',
      'shows the whole list when what a watch could resume from is forgotten',
      'says REGISTRY_AUTH to wrong credentials, at once and without asking again and again',
      'keeps two namespaces of one backend apart',
      'holds no more after many leases than before',
    ]);
  });

  it('says why a fault was not tried, where the backend cannot have it', async () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    const small = smallSubject();
    const create = async (): Promise<RegistryBackend> => {
      const backend = await small.create();
      return { ...backend, faults: { ...backend.faults, wipe: 'there is no disk' } };
    };
    const tests = registered((register) => registrySuite({ test: register, ...small, create }));
    for (const run of tests.values()) await run();
    expect(log.mock.calls.flat()).toEqual([
      expect.stringMatching(/^registry suite: 1 of \d+ rules were not checked: there is no disk \("begins another/),
    ]);
    log.mockRestore();
  });
});

describe('a registry that leaves epochs to its readers', () => {
  const FENCE = 'lets the higher epoch win, whoever comes first, and tells the lower one';
  function subject(wrong?: ReaderWrong) {
    let clock = createFakeClock();
    return {
      async create() {
        clock = createFakeClock();
        const again = () => new ReaderRegistry(clock, wrong);
        return inProcessBackend(again(), { again, size: () => clock.pending });
      },
      /** What its watchers are told comes by a promise. */
      async advance(ms: number) {
        clock.advance(ms);
        await Promise.resolve();
      },
      ttlMs: 1_000,
      cycles: 200,
    };
  }

  it('passes', async () => {
    expect(await brokenRules(registryRules, subject())).toEqual([]);
  });

  it.each(['writes into the later start', 'takes the later start with it', 'reads the older start'] as const)(
    'is caught when it %s',
    async (wrong) => {
      const fence = registryRules.filter(({ name }) => name === FENCE);
      expect(await brokenRules(fence, subject(wrong))).toEqual([FENCE]);
    },
  );
});

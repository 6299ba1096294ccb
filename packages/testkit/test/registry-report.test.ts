import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type ContractRule,
  createFakeClock,
  inProcessBackend,
  OPTIONAL_RULES,
  REGISTRY_CONTRACT,
  type RegistryReport,
  registryRules,
  registrySuite,
  uncheckedOf,
} from '../src/index.ts';
import { registered } from './broken.ts';
import { ReaderRegistry } from './reader-registry.ts';
import { smallSubject } from './small-backend.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'smmf-report-'));
  // Whoever runs all tests for their reports wants none of these.
  vi.stubEnv('SMMF_REGISTRY_REPORT', undefined);
  vi.spyOn(console, 'log').mockImplementation(() => undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

/** Runs a suite to its end and gives what it reports. */
async function reported(options: Omit<Parameters<typeof registrySuite>[0], 'test'>): Promise<RegistryReport> {
  let made: RegistryReport | undefined;
  const report = (given: RegistryReport): void => {
    made = given;
  };
  const tests = registered((register) => registrySuite({ test: register, report, ...options }));
  for (const run of tests.values()) await run().catch(() => undefined);
  if (!made) throw new Error('nothing was reported');
  return made;
}

/** The rules about entries alone: they are quick. */
const few = registryRules.slice(0, 10);

function reader() {
  let clock = createFakeClock();
  return {
    async create() {
      clock = createFakeClock();
      return inProcessBackend(new ReaderRegistry(clock));
    },
    async advance(ms: number) {
      clock.advance(ms);
    },
    ttlMs: 1_000,
  };
}

describe('the report of a suite', () => {
  it('has a rule of the suite for each rule of the contract, but those that are for members and leaders', () => {
    const held = new Set(registryRules.flatMap(({ contract }) => contract));
    const all = Object.keys(REGISTRY_CONTRACT) as ContractRule[];
    expect(all.filter((id) => !held.has(id))).toEqual(['C16', 'C17', 'C20']);
    expect(all).toEqual(expect.arrayContaining([...OPTIONAL_RULES]));
  });

  it('says of each rule what became of it, and what was measured', async () => {
    const { rules, measures, ...head } = await reported({ ...smallSubject(), rules: few, name: 'small', version: '1' });
    expect(head).toEqual({
      suite: 'registry',
      backend: 'small',
      version: '1',
      date: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
      node: process.versions.node,
    });
    expect(rules.map(({ name }) => name)).toEqual(few.map(({ name }) => name));
    expect(new Set(rules.map(({ verdict }) => verdict))).toEqual(new Set(['pass']));
    const expiry = measures.find(({ what }) => what === 'expiry');
    expect(expiry).toMatchObject({ ttlMs: 1_000, grainMs: 0, leases: 5, earliestMs: 1_000, isRealTime: false });
    expect(expiry).toHaveProperty('latestMs', 1_040);
  });

  it('says so where each reader drops the lower epoch', async () => {
    const { rules } = await reported({ ...reader(), rules: few });
    expect(rules.filter(({ verdict }) => verdict !== 'pass')).toEqual([
      { name: expect.stringMatching(/^lets the higher epoch win/), contract: ['C6'], verdict: 'pass (reader)' },
    ]);
  });

  it('names a rule that failed', async () => {
    const { rules } = await reported({ ...smallSubject('renews nine times'), rules: few });
    expect(rules.filter(({ verdict }) => verdict === 'fail').flatMap(({ contract }) => contract)).toEqual(['C3']);
  });

  it('is written into the folder that SMMF_REGISTRY_REPORT names, for a backend with a name', async () => {
    await reported({ ...smallSubject(), rules: few, name: 'small' });
    expect(readdirSync(folder)).toEqual([]);
    vi.stubEnv('SMMF_REGISTRY_REPORT', folder);
    await reported({ ...smallSubject(), rules: few });
    expect(readdirSync(folder)).toEqual([]);
    const report = await reported({ ...smallSubject(), rules: few, suite: 'member', name: 'a/b' });
    expect(JSON.parse(readFileSync(join(folder, 'member-a_b.json'), 'utf8'))).toEqual(report);
  });

  it('tells what was left unchecked and may not be', () => {
    const report = (contract: ContractRule[], verdict: RegistryReport['rules'][number]['verdict']): RegistryReport => ({
      ...{ suite: 'registry', backend: 'x', date: '', node: '', measures: [] },
      rules: [{ name: 'it', contract, verdict }],
    });
    expect(uncheckedOf(report(['C9'], 'n/a: persistent: false'))).toEqual([]);
    expect(uncheckedOf(report(['C15'], 'n/a: auth: false'))).toEqual([]);
    expect(uncheckedOf(report(['C12'], 'n/a: it resumes from nothing'))).toEqual([]);
    expect(uncheckedOf(report(['C1'], 'pass'))).toEqual([]);
    const not = 'the backend neither has this fault nor says why not (compact)';
    for (const one of [
      report(['C9'], 'n/a: no time'),
      report(['C15'], 'n/a: no time'),
      report(['C12'], `n/a: ${not}`),
      report(['C8'], 'n/a: no connections'),
      report([], 'n/a: no connections'),
    ])
      expect(uncheckedOf(one)).toHaveLength(1);
  });
});

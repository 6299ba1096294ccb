import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, openBench } from './bench.ts';
import { chatScenarios } from './scenarios-chat.ts';
import { faultScenarios } from './scenarios-faults.ts';
import { taskScenarios } from './scenarios-tasks.ts';
import { testedVendors } from './vendor-list.ts';
import { type VendorResult, vendorPage } from './vendor-page.ts';

const SCENARIOS = [...chatScenarios, ...faultScenarios, ...taskScenarios];
const vendors = await testedVendors();
const results: VendorResult[] = [];

describe.each(vendors)('$name, as its documents say', ({ dialect }) => {
  let bench: Bench;
  const cells = new Map<string, string>();
  beforeAll(async () => {
    bench = await openBench(dialect);
    results.push({ dialect, cells });
  });
  afterAll(() => bench.close());

  it.each(SCENARIOS.filter(({ of }) => of(dialect) !== undefined))('$name', async ({ name, of, run }) => {
    await run(bench);
    cells.set(name, of(dialect) ?? '');
  });
});

describe('the table', () => {
  it('is what these tests found, in docs/vendors.md', async () => {
    const columns = SCENARIOS.map(({ name }) => name);
    await expect(vendorPage(columns, results)).toMatchFileSnapshot('../../../../docs/vendors.md');
  });
});

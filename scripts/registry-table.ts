// Makes docs/registries.md from the reports that the suites of registries wrote: rule × backend, what was measured, versions.
//   SMMF_REGISTRY_REPORT=.cache/registries pnpm test memory-registry member-suite http-registry real/conformance     runs them; those of
//       etcd and Redis need SMMF_REAL, a folder with scripts that install the servers
//   node scripts/registry-table.ts --write     writes the page; without it the script fails when a report does not allow one
//   --from FOLDER      where the reports are; default the folder that SMMF_REGISTRY_REPORT names, else .cache/registries
//   --drop             a backend that the page has and the run has not may go
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type ContractRule, OPTIONAL_RULES, REGISTRY_CONTRACT } from '../packages/testkit/src/registry-contract.ts';
import { type RegistryReport, uncheckedOf } from '../packages/testkit/src/registry-report.ts';
import { isMain, readJson, repositoryRoot } from './workspace.ts';

/** Where the page lies. */
export const registriesPage = join(repositoryRoot, 'docs/registries.md');

/** Rules of the contract that no suite holds yet, with the reason. */
const NOT_YET: Partial<Readonly<Record<ContractRule, string>>> = { C20: 'n/a: SMMF elects no leader yet' };

/** Registries that need no plugin, in the order of their columns. */
const BUILT_IN: readonly string[] = ['memory', 'http'];

/** What there is to know of registries beyond what runs show. Heartbeats and leases are those of `packages/worker/src/host/timings.ts`. */
const WHICH = `## Which one

| | where entries are | lost on restart | back after it |
| --- | --- | --- | --- |
| \`memory\` (built in) | in the one process of \`smmf start\` | everything, and so is whoever was in it | with the process |
| \`http\` (built in: \`registry: memory\` in a cluster) | in each controller, which the others reach at \`join\` | the entries of that controller, none of another one's | within a heartbeat (5 s ± 10 %) and 2 s: every member registers anew |
| [etcd](../plugins/registry-etcd) | in etcd, on the disks of a majority of its members | nothing; a wiped one like a controller | at once; after a wipe within a heartbeat and 2 s |
| [Redis](../plugins/registry-redis) | in Redis, on its disk where \`appendonly\` is on | everything without \`appendonly\`, with it up to a second | as with etcd |

While a registry is away, restarts or lies, requests go on: API servers serve the instances that they know, and keep them on disk over a restart of their own. Nothing that answers
is taken away because it is not listed any more; a registry that comes back empty fills again by itself. Leases last 15 s in a cluster and are renewed every 5 s; the suites run with the shortest
that a backend takes. Several controllers are several registries: members register with all of them, and what one shows is there.`;

const contract = Object.entries(REGISTRY_CONTRACT) as [ContractRule, string][];
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const row = (...cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(...head), row(...head.map(() => '---')), ...rows.map((cells) => row(...cells))].join('\n');

/** The reports in a folder, by backend and suite. */
export function readReports(folder: string): RegistryReport[] {
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
  return files.sort().map((name) => readJson(join(folder, name)) as RegistryReport);
}

/** The reports of one backend: what its suites say together. */
interface Backend {
  readonly name: string;
  readonly reports: readonly RegistryReport[];
}

function backendsOf(reports: readonly RegistryReport[]): Backend[] {
  const names = [...new Set(reports.map(({ backend }) => backend))];
  // What is built in comes first.
  const place = (name: string): number => (BUILT_IN.includes(name) ? BUILT_IN.indexOf(name) : BUILT_IN.length);
  const sorted = names.sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
  return sorted.map((name) => ({ name, reports: reports.filter(({ backend }) => backend === name) }));
}

/** What became of a rule of the contract over a backend: the worst of what became of its parts. */
function verdictOf({ reports }: Backend, id: ContractRule | undefined): string | undefined {
  const rules = reports.flatMap((report) => report.rules);
  const parts = rules.filter((rule) => (id === undefined ? rule.contract.length === 0 : rule.contract.includes(id)));
  const order = (verdict: string): number =>
    ['pass', 'pass (reader)'].includes(verdict) ? verdict.length : verdict === 'fail' ? 100 : 50;
  const [worst] = parts.map(({ verdict }) => verdict).sort((a, b) => order(b) - order(a));
  return worst ?? (id === undefined ? undefined : NOT_YET[id]);
}

/** Why no page can be made from these reports. */
export function reportFaults(reports: readonly RegistryReport[], pageNow = ''): string[] {
  if (reports.length === 0) return ['there is no report: run the suites with SMMF_REGISTRY_REPORT=FOLDER first'];
  const backends = backendsOf(reports);
  const names = new Set(backends.map(({ name }) => name));
  const lost = (pageNow.match(/^\| rule \| what it says \| (.*) \|$/m)?.[1]?.split(' | ') ?? []).filter(
    (name) => !names.has(name),
  );
  return [
    ...reports.flatMap(({ backend, rules }) =>
      rules.filter(({ verdict }) => verdict === 'fail').map(({ name }) => `${backend}: failed: ${name}`),
    ),
    ...reports.flatMap((report) => uncheckedOf(report).map((what) => `${report.backend}: not checked: ${what}`)),
    ...backends.flatMap((backend) =>
      contract
        .filter(([id]) => verdictOf(backend, id) === undefined)
        .map(([id]) => `${backend.name}: ${id} was not run`),
    ),
    ...lost.map((name) => `the page has ${name}, which this run has not: run its tests too, or say --drop`),
  ];
}

const ms = (value: number): string => `${value.toLocaleString('en-US')} ms`;

/** What was measured over one backend; a clock that the test moves says nothing of the machine's time. */
function measuredRow({ name, reports }: Backend): string[] {
  const measures = reports.flatMap((report) => report.measures);
  const expiry = measures.find(({ what }) => what === 'expiry');
  const notice = measures.find(({ what }) => what === 'notice');
  if (expiry?.what !== 'expiry' || notice?.what !== 'notice') return [name, ...Array(5).fill('not measured')];
  const { ttlMs, grainMs, earliestMs, latestMs, leases, stepMs, isRealTime } = expiry;
  const gone = `${ms(earliestMs)} to ${ms(latestMs)}`;
  const how = `${leases} leases, looked at every ${ms(stepMs)}, ${isRealTime ? 'in real time' : 'by a clock that the test moves'}`;
  return [name, ms(ttlMs), ms(grainMs), gone, how, ms(notice.latestMs)];
}

function capabilityRow({ name, reports }: Backend): string[] {
  const found = reports.flatMap((report) => report.measures).find(({ what }) => what === 'capabilities');
  if (found?.what !== 'capabilities') return [name, ...Array(6).fill('not told')];
  const { fence, persistent, cas, auth, ttlMs, recordLimitBytes } = found.capabilities;
  const yes = (value: boolean): string => (value ? 'yes' : 'no');
  const judge = fence === 'backend' ? 'the backend' : 'each reader';
  const size = `${recordLimitBytes.toLocaleString('en-US')} bytes`;
  return [name, judge, yes(persistent), yes(cas), yes(auth), `${ms(ttlMs.min)} to ${ms(ttlMs.max)}`, size];
}

function runRow({ name, reports }: Backend): string[] {
  const all = (pick: (report: RegistryReport) => string): string => [...new Set(reports.map(pick))].sort().join(', ');
  return [name, all(({ version = '–' }) => version), all(({ date }) => date), all(({ node }) => node)];
}

/** The sentences of the suites, under the rules of the contract that they hold. */
function sentences(reports: readonly RegistryReport[]): string[] {
  const rules = new Map(reports.flatMap((report) => report.rules).map((rule) => [rule.name, rule.contract]));
  const all = [...rules].map(([name, ids]) => ({ name, ids }));
  const line = (title: string, of: (ids: readonly ContractRule[]) => boolean): string[] => {
    const names = all.filter(({ ids }) => of(ids)).map(({ name }) => name);
    return names.length === 0 ? [] : [`- ${title}: ${names.join(' · ')}`];
  };
  return [
    ...contract.flatMap(([id]) => line(id, (ids) => ids.includes(id))),
    ...line('further', (ids) => ids.length === 0),
  ];
}

/** The page. */
export function registriesText(reports: readonly RegistryReport[]): string {
  const backends = backendsOf(reports);
  const names = backends.map(({ name }) => name);
  const verdicts = (id: ContractRule | undefined) => backends.map((backend) => verdictOf(backend, id) ?? 'not run');
  return `${[
    '# Registries',
    'Made by `node scripts/registry-table.ts --write` from a run of `registrySuite` (`@smmf/testkit`) and of the suite of members\n(`packages/cluster/test/member-suite.ts`) over each backend. A backend comes in by its tests: with the environment variable\n`SMMF_REGISTRY_REPORT=.cache/registries` they write what the page is made from. How to make one: [registry plugins](plugins/registry.md).',
    '`pass`: every part of the rule held. `pass (reader)`: the backend keeps every start of an id, and readers drop the lower epoch.\n' +
      `\`n/a\`: the rule does not concern the backend, and why; that may be for ${OPTIONAL_RULES.join(', ')} alone, by what its capabilities say.`,
    WHICH,
    '## The contract',
    table(
      ['rule', 'what it says', ...names],
      [
        ...contract.map(([id, text]) => [id, text, ...verdicts(id)]),
        ['further', 'rules of the suite beyond these', ...verdicts(undefined)],
      ],
    ),
    "## When a lease ends\n\nThe age at which the entry of a lease that nobody renews was first seen missing, and the longest time from a change to the watcher's call.",
    table(
      ['backend', 'lease', 'grain, as declared', 'gone after', 'measured over', 'change seen within'],
      backends.map(measuredRow),
    ),
    '## What each declares',
    table(
      [
        'backend',
        'judges the end of a lease',
        'data outlive a restart',
        'compares epochs',
        'knows who asks',
        'leases',
        'values up to',
      ],
      backends.map(capabilityRow),
    ),
    '## Runs',
    table(['backend', 'run against', 'date', 'Node'], backends.map(runRow)),
    '## What the suites hold under each rule',
    sentences(reports).join('\n'),
  ].join('\n\n')}\n`;
}

function main(): void {
  const { values } = parseArgs({
    options: { write: { type: 'boolean' }, drop: { type: 'boolean' }, from: { type: 'string' } },
  });
  const folder = values.from ?? (process.env.SMMF_REGISTRY_REPORT || join(repositoryRoot, '.cache/registries'));
  const reports = readReports(folder);
  const pageNow = !values.drop && existsSync(registriesPage) ? readFileSync(registriesPage, 'utf8') : '';
  const faults = reportFaults(reports, pageNow);
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  process.exitCode = faults.length > 0 ? 1 : 0;
  if (faults.length === 0 && values.write) writeFileSync(registriesPage, registriesText(reports));
}

if (isMain(import.meta.url)) main();

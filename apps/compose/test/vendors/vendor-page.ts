import type { Dialect, ErrorRow, RequestRow } from './dialect.ts';
import { expectedOf } from './expected-errors.ts';

/** What the tests of one vendor found: a word for each scenario that it passed. */
export interface VendorResult {
  readonly dialect: Dialect;
  readonly cells: ReadonlyMap<string, string>;
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string[] => [
  line(head),
  line(head.map(() => '---')),
  ...rows.map(line),
];
const code = (value: unknown): string => `\`${JSON.stringify(value)}\``;

function errorCells(dialect: Dialect, { name, status, place = 'answer', kind, retryAfterS }: ErrorRow): string[] {
  const sent = place === 'answer' ? String(status) : { event: 'in the first event', late: 'in a later event' }[place];
  const { status: told, codes } = expectedOf(dialect, kind);
  const gets = `${place === 'late' ? 'last event' : told.join(' or ')}: ${codes.map((one) => `\`${one}\``).join(', ')}`;
  return [name, sent, gets, retryAfterS === undefined ? '' : `\`Retry-After\` up to ${retryAfterS}`];
}

const requestCells = ({ name, sends, arrives, adjusted = [] }: RequestRow): string[] => [
  name,
  code(sends),
  code(arrives),
  adjusted.join(', '),
];

function section({ dialect }: VendorResult): string[] {
  const { vendor, plugin, sources, errors, requests } = dialect;
  return [
    `## ${vendor}`,
    '',
    `Package \`@smmf/${plugin}\`.`,
    '',
    ...sources.map(({ of, at, seen }) => `- ${of}: ${at} (${seen})`),
    '',
    ...table(['request', 'a client sends', 'the vendor gets', 'told in `x-smmf-adjusted`'], requests.map(requestCells)),
    '',
    ...table(
      ['error', 'the vendor sends', 'the client gets', ''],
      errors.map((row) => errorCells(dialect, row)),
    ),
    '',
  ];
}

/** The page on vendors, from what the tests found. */
export function vendorPage(columns: readonly string[], results: readonly VendorResult[]): string {
  return [
    '# Vendors',
    '',
    'What SMMF delivers of each vendor, tried against a scripted one that speaks as its documents say: no request of these tests left the',
    'machine. Written by `apps/compose/test/vendors/conformance.test.ts` (`-u` brings it up to date). – the vendor has no such thing.',
    '',
    ...table(
      ['', ...results.map(({ dialect }) => dialect.vendor)],
      columns.map((name) => [name, ...results.map(({ cells }) => cells.get(name) ?? '–')]),
    ),
    '',
    ...results.flatMap(section),
  ].join('\n');
}

import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  LineCounter,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml';
import { FaultList } from './faults.ts';

/** A config of a person has some hundreds of values; aliases of aliases reach millions with ten lines. */
const MAX_VALUES = 100_000;

interface Place {
  readonly message: string;
  /** Offset in the text. */
  readonly at: number;
}

/** What the parser says, in words for somebody who writes a config. */
function wordsFor({ code, message }: YAMLError): string {
  const text = (message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');
  switch (code) {
    case 'MULTIPLE_DOCS':
      return 'a second document begins here; a config is one document, remove the other';
    case 'NON_STRING_KEY':
      return `a name must be a text; a value with braces or brackets needs quotes, a variable is written "\${env:NAME}"`;
    case 'DUPLICATE_KEY':
      return 'this name stands here a second time; names must be unique';
    case 'MISSING_CHAR':
      return `${text}; a text with braces or brackets, such as "\${env:NAME}", needs quotes here`;
    case 'TAG_RESOLVE_FAILED':
      return `${text.replace('Unresolved tag: ', 'unknown tag ').replace('tag:yaml.org,2002:', '!!')}; remove it, a variable is written "\${env:NAME}"`;
    default:
      return text;
  }
}

const placeOf = (error: YAMLError): Place => ({ at: error.pos[0], message: wordsFor(error) });

/** One slip makes the parser stumble more than once: the first place is where it is. What it can read past is told in full. */
function parserFaults({ errors, warnings }: Document.Parsed): Place[] {
  const readable = ['DUPLICATE_KEY', 'NON_STRING_KEY'];
  const broken = errors.find(({ code }) => !readable.includes(code));
  if (broken) return [placeOf(broken)];
  return [...errors, ...warnings].map(placeOf);
}

function children(node: unknown): readonly unknown[] {
  if (isPair(node)) return [node.key, node.value];
  return isCollection(node) ? node.items : [];
}

/** How many values a node stands for with its aliases followed. */
function sizeOf(node: unknown, document: Document, known: Map<unknown, number>): number {
  const found = known.get(node);
  if (found !== undefined) return found;
  const inner = isAlias(node) ? [node.resolve(document)] : children(node);
  const size = inner.reduce<number>((sum, child) => sum + sizeOf(child, document, known), 1);
  known.set(node, size);
  return size;
}

function aliasFaults(document: Document.Parsed): Place[] {
  const faults: Place[] = [];
  const sizes = new Map<unknown, number>();
  let total = 0;
  visit(document, {
    Alias(_key, node, path) {
      const tell = (message: string): void => void faults.push({ at: node.range?.[0] ?? 0, message });
      const target = node.resolve(document);
      if (target === undefined) {
        tell(`*${node.source} has no anchor &${node.source} before it; a text that begins with * needs quotes`);
        return undefined;
      }
      const isEndless = path.includes(target);
      total += isEndless ? 0 : sizeOf(target, document, sizes);
      if (isEndless) tell(`*${node.source} stands inside its own anchor`);
      else if (total > MAX_VALUES) tell(`*${node.source} makes the config larger than ${MAX_VALUES} values`);
      return isEndless || total > MAX_VALUES ? visit.BREAK : undefined;
    },
  });
  return faults;
}

function mergeFaults(document: Document.Parsed): Place[] {
  const faults: Place[] = [];
  const resolved = (node: unknown): unknown => (isAlias(node) ? node.resolve(document) : node);
  visit(document, {
    Pair(_index, { key, value }) {
      if (!isScalar(key) || key.value !== '<<' || key.type !== 'PLAIN') return;
      const source = resolved(value);
      const sources = isCollection(source) && !isMap(source) ? source.items.map(resolved) : [source];
      if (sources.every(isMap)) return;
      faults.push({ at: key.range?.[0] ?? 0, message: '<< takes a group or a list of groups' });
    },
  });
  return faults;
}

/**
 * Reads a YAML text (JSON too) as YAML 1.2 with `<<` merges. Names stay as they are written.
 * @throws CONFIG_INVALID with line and column of everything that is no such text or would mean something else silently
 */
export function parseYaml(text: string, file: string): unknown {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    merge: true,
    stringKeys: true,
    resolveKnownTags: false,
    lineCounter: lines,
    prettyErrors: false,
  });
  let places = parserFaults(document);
  if (places.length === 0) places = aliasFaults(document);
  if (places.length === 0) places = mergeFaults(document);
  if (places.length === 0) return document.toJS({ maxAliasCount: -1 });
  const faults = new FaultList();
  for (const { at, message } of places) {
    const { line, col } = lines.linePos(at);
    faults.add([], `line ${line}, column ${col}: ${message}`);
  }
  throw faults.asError(file);
}

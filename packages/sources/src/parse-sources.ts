import { isAbsolute } from 'node:path';
import { SmmfError } from '@smmf/core';
import type { ModelSource } from '@smmf/protocol';
import type { FileChoice, ModelReference, Source, WrittenSource } from './source.ts';
import { SOURCES } from './source-table.ts';

const FORMS = SOURCES.map(({ form }) => form)
  .join(', ')
  .replace(/, ([^,]*)$/, ' or $1');

/**
 * Parses what a config says of where a model comes from; one element or a list to try in order.
 * @throws CONFIG_INVALID for a form that is not known, an unsafe path inside a repository or wheel, or a bad digest
 */
export function parseSources(source: ModelSource): readonly ModelReference[] {
  const list = Array.isArray(source) ? source : [source];
  if (list.length === 0) throw new SmmfError('CONFIG_INVALID', `A model needs at least one source. Forms: ${FORMS}`);
  return list.map((element) =>
    typeof element === 'string' ? parseSource(element) : parseSource(element.url, element.sha256),
  );
}

/** The source that made a reference. */
export function sourceOf({ kind }: ModelReference): Source {
  const source = SOURCES.find((one) => one.kind === kind);
  if (source === undefined) throw new SmmfError('INTERNAL', `No model source is of the kind "${kind}"`);
  return source;
}

function parseSource(text: string, given?: string): ModelReference {
  const printable = toPrintable(text);
  const fault: WrittenSource['fault'] = (what, cause) => {
    const message = `Model source "${printable}" ${what}. Forms: ${FORMS}`;
    return new SmmfError('CONFIG_INVALID', message, cause === undefined ? {} : { cause });
  };
  if (text.includes('\0')) throw fault('holds a NUL character');
  const isPath = isAbsolute(text) || /^\.\.?(?:[/\\]|$)/.test(text);
  const scheme = isPath ? undefined : /^([a-z][a-z0-9+.-]+):/i.exec(text)?.[1]?.toLowerCase();
  const base = { text, printable, scheme, fault };
  if (isPath || scheme === 'file') {
    // A path may hold a "#" of its own, so it has no fragment.
    const sha256 = parseDigest(undefined, given, fault);
    return findSource('file', fault).parse({ ...base, address: text, rest: text, sha256, choice: undefined });
  }
  if (text.startsWith('~')) throw fault('starts with "~", which only a shell knows; write the whole path');
  if (scheme === undefined) throw fault(`has no scheme; a path is written with a dot in front: ./${printable}`);
  const [address = '', fragment] = splitOnce(text, '#');
  const { digest, choice } = parseFragment(fragment, fault);
  const sha256 = parseDigest(digest, given, fault);
  const [, rest] = splitOnce(address, '://');
  if (rest === undefined) throw fault(`needs "//" after "${scheme}:"`);
  return findSource(scheme, fault).parse({ ...base, address, rest, sha256, choice });
}

function findSource(scheme: string, fault: WrittenSource['fault']): Source {
  const source = SOURCES.find(({ schemes }) => schemes.includes(scheme));
  if (source === undefined) throw fault(`has an unknown scheme "${scheme}"`);
  return source;
}

/** Control characters would let a source write to the terminal; a query may hold a signature. */
function toPrintable(text: string): string {
  const cut = text.replaceAll(/\p{Cc}/gu, '\u{FFFD}').replace(/^(https?:\/\/)[^/@]*@/i, '$1***@');
  return (/^https?:/i.test(cut) ? cut.replace(/\?.*$/, '?…') : cut).slice(0, 300);
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** `sha256=<digest>`, or `include=<pattern>,<pattern>` and `exclude=…` joined by `&`. */
function parseFragment(
  fragment: string | undefined,
  fault: WrittenSource['fault'],
): { readonly digest: string | undefined; readonly choice: FileChoice | undefined } {
  if (fragment === undefined) return { digest: undefined, choice: undefined };
  const parts = new URLSearchParams(fragment);
  const isKnown = [...parts].every(([key, value]) =>
    key === 'sha256' ? /^[0-9a-f]{64}$/i.test(value) : (key === 'include' || key === 'exclude') && value !== '',
  );
  if (!isKnown || parts.size === 0) {
    throw fault('has a part after "#" that is not sha256=<64 hex digits>, include=<patterns> or exclude=<patterns>');
  }
  const patterns = (key: string): string[] => parts.getAll(key).flatMap((value) => value.split(','));
  const choice = { include: patterns('include'), exclude: patterns('exclude') };
  const hasChoice = choice.include.length + choice.exclude.length > 0;
  return { digest: parts.get('sha256') ?? undefined, choice: hasChoice ? choice : undefined };
}

function parseDigest(
  digest: string | undefined,
  given: string | undefined,
  fault: WrittenSource['fault'],
): string | undefined {
  if (given !== undefined && !/^[0-9a-f]{64}$/i.test(given)) throw fault('has a sha256 that is not 64 hex digits');
  const [first, second] = [digest?.toLowerCase(), given?.toLowerCase()];
  if (first !== undefined && second !== undefined && first !== second) throw fault('gives two different sha256 values');
  return first ?? second;
}

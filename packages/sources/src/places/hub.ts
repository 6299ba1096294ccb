import { SmmfError } from '@smmf/core';
import type { CachePlace } from '../cache-entry.ts';
import type { Environment } from '../http.ts';
import { isAllowedOrigin } from '../origin.ts';
import type { FileChoice, ModelReference, WrittenSource } from '../source.ts';
import { isSafePath } from './safe-path.ts';

// What hubs have in common: repositories of an organisation, with revisions.

/** A file in a repository of a hub, or the whole repository. */
export interface HubReference extends ModelReference {
  /** `organisation/name`. */
  readonly repository: string;
  readonly revision: string;
  /** Path inside the repository, with forward slashes; undefined for the whole repository. */
  readonly path: string | undefined;
  /** Which files of the whole repository; undefined for the usual ones. */
  readonly choice: FileChoice | undefined;
}

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?$/;

/** Names that are surely a file: somebody has left the organisation out. */
const FILE_NAME = /\.(?:gguf|safetensors|bin|pt|onnx)$/i;

/** How a hub's references are read. */
export interface HubForm {
  readonly kind: string;
  readonly form: string;
  readonly usualRevision: string;
}

/** Parses `organisation/repository[@revision][/path]`. */
export function parseHub(written: WrittenSource, { kind, form, usualRevision }: HubForm): HubReference {
  const [organisation = '', named = '', ...path] = written.rest.split('/');
  const [name = '', pinned] = splitOnce(named, '@');
  const isWhole = path.length === 0;
  if (!NAME.test(organisation) || !NAME.test(name) || (isWhole && FILE_NAME.test(name))) {
    throw written.fault(`is not ${form}`);
  }
  // A revision with a slash (refs/pr/1) is written as the hubs do it, with %2F.
  const revision = pinned === undefined ? usualRevision : pinned.replaceAll(/%2f/gi, '/');
  if (!revision.split('/').every((part) => NAME.test(part))) throw written.fault('has a revision that no hub accepts');
  if (!isWhole && !isSafePath(path)) throw written.fault('has an unsafe path after the repository');
  const { sha256, choice } = written;
  if (isWhole && sha256 !== undefined) {
    throw written.fault('names a whole repository, which has no sha256; pin it to a commit with @commit');
  }
  if (!isWhole && choice !== undefined) throw written.fault('chooses among files, but names one file');
  const repository = `${organisation}/${name}`;
  const label = `${kind}://${repository}@${[revision, ...path].join('/')}`;
  return { kind, repository, revision, sha256, choice, path: isWhole ? undefined : path.join('/'), label };
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** Where a hub's file or repository lies in the cache. */
export function hubPlace({ label, path, repository, choice }: HubReference): CachePlace {
  const name = path ?? repository;
  const identity = choice === undefined ? label : `${label}#${JSON.stringify(choice)}`;
  return { identity, name: name.slice(name.lastIndexOf('/') + 1) };
}

/**
 * The hub's address, from the environment or the usual one; without a slash at its end.
 * @throws CONFIG_INVALID
 */
export function hubEndpoint(env: Environment, name: string, usual: string): string {
  const text = env[name]?.trim() || usual;
  const url = URL.parse(text);
  if (url === null || !isAllowedOrigin(url) || url.username !== '' || url.search !== '' || url.hash !== '') {
    const message = `${name} must be an https URL without user name and query (plain http to this machine only), like ${usual}`;
    throw new SmmfError('CONFIG_INVALID', message);
  }
  return url.href.replace(/\/+$/, '');
}

import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type LoopbackHub, serveBytes, sha256, startHub } from './loopback-hub.ts';

/** A hub with one repository, `org/repo`, whose answers a test may change at any time. */
export interface ScriptedHub extends LoopbackHub {
  /** The commit that `main` means. */
  commit: string;
  /** Files of each commit by their path. */
  readonly commits: Record<string, Record<string, Buffer>>;
  /** Answers in place of the hub when it returns true. */
  before: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
  /** Changes an entry of the listing. */
  edit: ((entry: Record<string, unknown>) => Record<string, unknown>) | undefined;
  /** Entries on one page of the listing. */
  pageSize: number;
  /** What the storage behind the hub was asked. */
  readonly storage: LoopbackHub;
  /** Paths and queries that were asked, in order, those of the storage apart. */
  paths(): string[];
}

export const COMMITS = ['1'.repeat(40), '2'.repeat(40)] as const;

/** Name of the bytes as a git blob. */
export const gitOid = (bytes: Buffer): string =>
  createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');

/** Large binary files are in LFS, as a repository's .gitattributes says. */
const isLfs = (path: string): boolean => /\.(?:safetensors|bin|gguf|onnx)$/.test(path);

function entryOf(path: string, bytes: Buffer): Record<string, unknown> {
  if (!isLfs(path)) return { type: 'file', path, size: bytes.length, oid: gitOid(bytes) };
  const lfs = { oid: sha256(bytes), size: bytes.length, pointerSize: 134 };
  return { type: 'file', path, size: bytes.length, oid: 'f'.repeat(40), lfs, xetHash: 'a'.repeat(64) };
}

/** Starts a hub whose `main` has these files; large ones come from a storage that is another origin. */
export async function startScriptedHub(files: Record<string, Buffer>): Promise<ScriptedHub> {
  const storage = await startHub((request, response) => {
    const [, commit = '', ...path] = (request.url ?? '').split('?')[0]?.split('/') ?? [];
    serveBytes(request, response, hub.commits[commit]?.[path.join('/')] ?? Buffer.alloc(0));
  });
  const server = await startHub((request, response) => {
    if (hub.before?.(request, response)) return;
    const url = new URL(request.url ?? '', server.origin);
    if (url.pathname.startsWith('/api/models/org/repo/revision/')) {
      const info = { _id: '1', id: 'org/repo', sha: hub.commit, lastModified: '2026-01-01T00:00:00.000Z' };
      response.setHeader('content-type', 'application/json').end(JSON.stringify(info));
    } else if (url.pathname.startsWith('/api/models/org/repo/tree/')) sendTree(url, response);
    else sendFile(url, request, response);
  });
  const sendTree = (url: URL, response: ServerResponse): void => {
    const commit = url.pathname.split('/').at(-1) ?? '';
    const contents = hub.commits[commit] ?? {};
    const folders = [...new Set(Object.keys(contents).flatMap((path) => path.split('/').slice(0, -1)))];
    const entries = [
      ...folders.map((path) => ({ type: 'directory', path, size: 0, oid: 'd'.repeat(40) })),
      ...Object.entries(contents).map(([path, bytes]) => entryOf(path, bytes)),
    ].map((entry) => hub.edit?.(entry) ?? entry);
    const from = Number(url.searchParams.get('cursor') ?? 0);
    const end = from + hub.pageSize;
    if (end < entries.length) {
      url.searchParams.set('cursor', String(end));
      response.setHeader('link', `<${url.href}>; rel="next"`);
    }
    response.setHeader('content-type', 'application/json').end(JSON.stringify(entries.slice(from, end)));
  };
  const sendFile = (url: URL, request: IncomingMessage, response: ServerResponse): void => {
    const [, commit = '', path = ''] = /^\/org\/repo\/resolve\/([^/]+)\/(.+)$/.exec(url.pathname) ?? [];
    const bytes = hub.commits[commit]?.[path];
    if (bytes === undefined) response.writeHead(404, { 'x-error-code': 'EntryNotFound' }).end();
    else if (!isLfs(path)) serveBytes(request, response, bytes, { etag: `"${gitOid(bytes)}"` });
    else {
      const linked = { 'x-linked-etag': `"${sha256(bytes)}"`, 'x-linked-size': bytes.length };
      response.writeHead(302, { location: `${storage.origin}/${commit}/${path}?signature=hunter2`, ...linked }).end();
    }
  };
  const hub: ScriptedHub = {
    ...server,
    storage,
    commit: COMMITS[0],
    commits: { [COMMITS[0]]: files },
    before: undefined,
    edit: undefined,
    pageSize: 1_000,
    paths: () => server.requests.map(({ url = '' }) => url),
  };
  return hub;
}

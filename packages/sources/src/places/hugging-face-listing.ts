import { SmmfError } from '@smmf/core';
import * as z from 'zod';
import { chooseFiles } from '../choose-files.ts';
import { header, type OpenAnswer, type RequestContext } from '../http.ts';
import { openRemoteFile, refused } from '../remote-file.ts';
import type { Listing } from '../source.ts';
import type { HubReference } from './hub.ts';
import type { HubAccess } from './hugging-face-access.ts';
import { isSafePath } from './safe-path.ts';

const MAX_PAGE_BYTES = 16 * 1024 * 1024;
const MAX_LISTED = 20_000;
const MAX_PAGES = 100;

/** What the hub says of a revision, as far as it is used (as @huggingface/hub 2.17 reads it). */
const INFO = z.object({ sha: z.string().regex(/^[0-9a-f]{40}$/) });

/** An entry of the hub's tree API, as far as it is used (as @huggingface/hub 2.17 reads it). */
const ENTRY = z.object({
  type: z.string(),
  path: z.string(),
  size: z.number().int().nonnegative(),
  /** Name as a git blob; of a file in LFS that of its pointer. */
  oid: z.string(),
  lfs: z.object({ oid: z.string().regex(/^[0-9a-f]{64}$/), size: z.number().int().nonnegative() }).optional(),
  xetHash: z.string().optional(),
});

const ENTRIES = z.array(ENTRY);

type Entry = z.infer<typeof ENTRY>;

/**
 * Lists the wanted files of a repository, as they are at the commit that its revision means now.
 * @throws SOURCE_UNAVAILABLE
 */
export async function listRepository(
  { repository, revision, choice }: HubReference,
  access: HubAccess,
  context: RequestContext,
): Promise<Listing> {
  const api = `${access.endpoint}/api/models/${repository}`;
  const about = new URL(`${api}/revision/${encodeURIComponent(revision)}?expand=sha`);
  const { sha: commit } = parse(INFO, (await getPage(about, access, context)).body, repository);
  const files: Listing['files'][number][] = [];
  let next: URL | undefined = new URL(`${api}/tree/${commit}?recursive=true`);
  for (let pages = 1; next !== undefined; pages += 1) {
    if (pages > MAX_PAGES) throw failed(`the listing of ${repository} has more than ${MAX_PAGES} pages`);
    const page: Page = await getPage(next, access, context);
    for (const entry of parse(ENTRIES, page.body, repository)) if (entry.type === 'file') files.push(toFile(entry));
    if (files.length > MAX_LISTED) throw failed(`${repository} has more than ${MAX_LISTED} files`);
    next = page.next;
  }
  return { revision: commit, files: chooseFiles(files, choice, repository) };
}

function parse<T>(schema: z.ZodType<T>, body: string, repository: string): T {
  try {
    return schema.parse(JSON.parse(body));
  } catch (cause) {
    throw new SmmfError('SOURCE_UNAVAILABLE', `the hub gave a listing of ${repository} that cannot be read`, { cause });
  }
}

function failed(message: string): SmmfError {
  return new SmmfError('SOURCE_UNAVAILABLE', message);
}

function toFile({ path, size, oid, lfs, xetHash }: Entry): Listing['files'][number] {
  if (!isSafePath(path.split('/'))) throw failed(`the hub lists a file with an unsafe path: ${JSON.stringify(path)}`);
  if (lfs !== undefined) return { path, expected: { sizeBytes: lfs.size, sha256: lfs.oid } };
  const isBlob = xetHash === undefined && /^[0-9a-f]{40}$/.test(oid);
  return { path, expected: { sizeBytes: size, gitOid: isBlob ? oid : undefined } };
}

/** One answer of the hub's API. */
interface Page {
  readonly body: string;
  /** Where the listing goes on. */
  readonly next: URL | undefined;
}

async function getPage(url: URL, { endpoint, token, explain }: HubAccess, context: RequestContext): Promise<Page> {
  // The token would go wherever the hub says that its next page is.
  if (url.origin !== new URL(endpoint).origin) throw failed(`the hub's listing goes on at another host, ${url.host}`);
  const file = { url, token, explain };
  const answer = await openRemoteFile(file, { accept: 'application/json' }, context);
  if (answer.status !== 200) throw refused(file, answer);
  const body = await readAll(answer, url.host);
  const link = /<([^>]*)>\s*;\s*rel="?next"?/.exec(header(answer.headers, 'link') ?? '')?.[1];
  return { body: body.toString('utf8'), next: link === undefined ? undefined : new URL(link, url) };
}

async function readAll(answer: OpenAnswer, host: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.body) {
    bytes += chunk.length;
    if (bytes > MAX_PAGE_BYTES) throw failed(`${host} sends a listing of more than ${MAX_PAGE_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

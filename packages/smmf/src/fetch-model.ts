import { isSmmfError, type ModelCache, SmmfError } from '@smmf/runtime';
import { createFetchBar } from './fetch-bar.ts';
import type { Source } from './model-name.ts';
import { plainText } from './output.ts';

/** Builds of a model, the one to take first: what most people run, then what is close to it. */
const PREFERRED = ['Q4_K_M', 'Q4_K_S', 'Q4_0', 'Q4_1', 'IQ4_XS', 'Q5_K_M', 'Q5_K_S', 'Q6_K', 'Q8_0', 'F16', 'BF16'];

/** The file to take of a repository with a model in each; undefined where each of them is one of several parts. */
export function pickGguf(files: readonly string[]): string | undefined {
  const whole = files.filter((file) => !/-\d{5}-of-\d{5}\.gguf$|(?:^|\/)mmproj/i.test(file)).sort();
  const byBuild = PREFERRED.map((build) => whole.find((file) => file.toUpperCase().includes(build)));
  return byBuild.find((file) => file !== undefined) ?? whole[0];
}

/** The .gguf files of a repository that was named without one. */
function ggufsOf(error: unknown): readonly string[] {
  const cause = error instanceof Error ? error.cause : undefined;
  const found = isSmmfError(cause) ? cause.details?.ggufs : undefined;
  return Array.isArray(found) ? found.map(String) : [];
}

/** The file of the cache that came from the repository `source`, so that a second time needs no network. */
async function fetchedOf(cache: ModelCache, source: Source): Promise<string | undefined> {
  if (typeof source !== 'string') return undefined;
  const repository = /^[a-z]+:\/\/[^/@]+\/[^/@]+$/i.exec(source)?.[0];
  if (repository === undefined) return undefined;
  const stored = await cache.list();
  return stored.find((one) => one.isWhole && one.source?.startsWith(`${repository}@`) && /\.gguf$/i.test(one.name))
    ?.path;
}

async function fetchShown(cache: ModelCache, source: Source, signal: AbortSignal): Promise<string> {
  const bar = createFetchBar();
  const onProgress = (progress: Parameters<typeof bar.show>[1]): void => bar.show('', progress);
  return await cache.fetch(source, { onProgress, signal }).finally(() => bar.clear());
}

/**
 * Brings a model here, its progress on standard error. Of a repository with a model in each of its .gguf files one is taken, and
 * said. Ctrl-C stops; what has come is kept.
 * @throws SOURCE_UNAVAILABLE, SOURCE_CORRUPT, ABORTED
 */
export async function fetchModel(cache: ModelCache, source: Source): Promise<string> {
  const stop = new AbortController();
  const onSignal = (): void =>
    stop.abort(new SmmfError('ABORTED', 'Stopped; the same command goes on where this one ended'));
  // Not once: the lock of the cache also listens, and ends the process where it finds itself alone.
  process.on('SIGINT', onSignal);
  try {
    return (await fetchedOf(cache, source)) ?? (await fetchShown(cache, source, stop.signal));
  } catch (error) {
    if (stop.signal.aborted) throw stop.signal.reason;
    const ggufs = ggufsOf(error);
    const file = pickGguf(ggufs);
    if (file === undefined || typeof source !== 'string') throw error;
    const others = ggufs.length > 1 ? ` of ${ggufs.length}; name another one with ${source}/FILE` : '';
    console.error(plainText(`${source}: taking ${file}${others}`));
    return await fetchShown(cache, `${source}/${file}`, stop.signal);
  } finally {
    process.off('SIGINT', onSignal);
  }
}

import type { InstanceSpec, ModelSource } from '@smmf/protocol';
import { type FetchProgress, formatProgress } from '@smmf/sources';
import type { HostContext } from './host-context.ts';

/** What a fetch is doing, in words for the instance's state: `downloading model.gguf 34 %`. */
export function progressText(progress: FetchProgress): string {
  const { phase, source, receivedBytes, totalBytes } = progress;
  if (phase !== 'downloading') return formatProgress(progress);
  const name = source.slice(source.lastIndexOf('/') + 1) || source;
  if (!totalBytes) return `downloading ${name} ${Math.floor(receivedBytes / 1e6)} MB`;
  return `downloading ${name} ${Math.min(100, Math.floor((receivedBytes / totalBytes) * 100))} %`;
}

/** Brings a model file here for an engine; how far it is shows in the instance's state. */
export async function fetchModel(
  source: ModelSource,
  spec: InstanceSpec,
  context: HostContext,
  signal: AbortSignal,
  onProgress: (text: string) => void,
): Promise<string> {
  const file = await context.store.fetch(source, {
    signal,
    onProgress: (progress) => {
      context.onProgress?.(spec.id, progress);
      onProgress(progressText(progress));
    },
  });
  onProgress('loading');
  return file;
}

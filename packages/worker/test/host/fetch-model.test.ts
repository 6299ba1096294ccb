import type { FetchProgress } from '@smmf/sources';
import { expect, it } from 'vitest';
import { fetchModel, progressText } from '../../src/host/fetch-model.ts';
import type { HostContext } from '../../src/index.ts';
import { specOf } from './harness.ts';

const at = (more: Partial<FetchProgress>): FetchProgress => ({
  source: 'hf://org/repo/m.gguf',
  phase: 'downloading',
  receivedBytes: 34_000_000,
  ...more,
});

it.each<[string, FetchProgress]>([
  ['downloading m.gguf 34 %', at({ totalBytes: 100_000_000, bytesPerSecond: 1 })],
  ['downloading m.gguf 34 MB', at({})],
  ['m.gguf  connecting', at({ phase: 'connecting', receivedBytes: 0 })],
])('says "%s"', (text, progress) => {
  expect(progressText(progress)).toBe(text);
});

it('passes progress on as it is and in words, and says "loading" when the file is there', async () => {
  const seen: unknown[] = [];
  const texts: string[] = [];
  const progress = at({ totalBytes: 100_000_000 });
  const store: HostContext['store'] = {
    cacheDir: '',
    fetch: async (source, options) => {
      expect(source).toBe('./m.gguf');
      options?.onProgress?.(progress);
      return '/models/m.gguf';
    },
  };
  const context = { store, onProgress: (...all: unknown[]) => void seen.push(all) } as unknown as HostContext;
  const { signal } = new AbortController();
  const file = await fetchModel('./m.gguf', specOf(), context, signal, (text) => void texts.push(text));
  expect(file).toBe('/models/m.gguf');
  expect(seen).toEqual([['chat-1', progress]]);
  expect(texts).toEqual(['downloading m.gguf 34 %', 'loading']);
});

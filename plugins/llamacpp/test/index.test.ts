import { readFileSync } from 'node:fs';
import { loadPlugin } from '@smmf/core';
import { describe, expect, it } from 'vitest';
import plugin from '../src/index.ts';

describe('the plugin', () => {
  it('is an engine that runs in a process of its own', async () => {
    const url = new URL('../src/index.ts', import.meta.url).href;
    expect(await loadPlugin(url, 'engine', 'llamacpp')).toBe(plugin);
    expect([plugin.kind, plugin.name, plugin.run]).toEqual(['engine', 'llamacpp', undefined]);
  });

  it('needs a source alone, and takes no key that it does not know', () => {
    expect(plugin.options.parse({ source: './a.gguf' })).toEqual({ source: './a.gguf' });
    expect(plugin.options.safeParse({}).success).toBe(false);
    expect(plugin.options.safeParse({ source: './a.gguf', context: 5 }).success).toBe(false);
    expect(plugin.options.safeParse({ source: './a.gguf', gpu: true }).success).toBe(false);
  });

  it('brings CPU builds (on Apple silicon Metal) and no other, all of the version of the library', () => {
    const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
    const manifest = JSON.parse(text) as Record<'dependencies' | 'optionalDependencies', Record<string, string>> & {
      bundleDependencies: string[];
    };
    expect(manifest.bundleDependencies).toEqual(['node-llama-cpp']);
    expect(Object.keys(manifest.optionalDependencies).filter((name) => /cuda|vulkan/.test(name))).toEqual([]);
    const catalog = readFileSync(new URL('../../../pnpm-workspace.yaml', import.meta.url), 'utf8');
    const versions = [...catalog.matchAll(/^ {2}"?(?:@node-llama-cpp\/[\w-]+|node-llama-cpp)"?: (\d\S*)$/gm)].map(
      ([, version]) => version,
    );
    expect(versions).toHaveLength(Object.keys(manifest.optionalDependencies).length + 1);
    expect(new Set(versions).size).toBe(1);
  });
});

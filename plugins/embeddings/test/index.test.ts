import { parseOptions } from '@smmf/core';
import type { ModelSource } from '@smmf/protocol';
import { testEngineContext } from '@smmf/testkit';
import { describe, expect, it } from 'vitest';
import plugin from '../src/index.ts';

const parse = (input: object) => parseOptions(plugin.options, input, ['models', 'e']);

describe('the plugin embeddings', () => {
  it.each([
    './m.gguf',
    'hf://org/repo/model.Q4_K_M.gguf',
    'hf://org/some-GGUF',
    ['./folder', 'hf://org/some-GGUF@main'],
  ])('sends a user of %s to llamacpp', (source) => {
    expect(() => parse({ source })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining('engine: llamacpp') }),
    );
  });

  it('asks for what it needs of a repository, and leaves a folder and a choice alone', async () => {
    const asked: ModelSource[] = [];
    const modelFile = async (source: ModelSource): Promise<string> => {
      asked.push(source);
      return '/models/m';
    };
    const source = ['./m', 'hf://org/repo', { url: 'hf://org/repo@v1' }, 'hf://org/repo#include=*.json'];
    const options = parse({ source, dtype: 'q8', threads: 2, batchWait: '5ms' });
    const prepared = await plugin.prepare?.(options, testEngineContext({ modelFile }));
    const files = '#include=*.json,onnx/model_quantized.onnx,onnx/model_quantized.onnx_data';
    expect(asked).toEqual([
      ['./m', `hf://org/repo${files}`, { url: `hf://org/repo@v1${files}` }, 'hf://org/repo#include=*.json'],
    ]);
    expect(prepared).toEqual({
      threads: 2,
      options: {
        ...{ folder: '/models/m', task: 'embeddings', truncate: 'end', dtype: 'q8', intraOpThreads: 1 },
        ...{ batchItems: 16, batchTokens: 2_048, batchWait: 5 },
      },
    });
  });
});

import { describe, expect, it } from 'vitest';
import { chooseFiles } from '../src/choose-files.ts';

const pathsOf = (paths: readonly string[], choice?: { include?: string[]; exclude?: string[] }): string[] => {
  const files = paths.map((path) => ({ path, expected: { sizeBytes: 1 } }));
  const patterns = choice === undefined ? undefined : { include: [], exclude: [], ...choice };
  return chooseFiles(files, patterns, 'org/repo').map(({ path }) => path);
};

describe('the files of a repository', () => {
  it.each<[string, string[], string[]]>([
    [
      'safetensors over the same weights of other frameworks',
      [
        'config.json',
        'model.safetensors',
        'pytorch_model.bin',
        'tf_model.h5',
        'flax_model.msgpack',
        'training_args.bin',
      ],
      ['config.json', 'model.safetensors'],
    ],
    [
      'PyTorch where there are no safetensors',
      ['config.json', 'pytorch_model.bin', 'tf_model.h5', 'rust_model.ot'],
      ['config.json', 'pytorch_model.bin'],
    ],
    [
      'each folder judged by itself',
      ['model.safetensors', '1_Pooling/config.json', '2_Dense/pytorch_model.bin', '2_Dense/config.json'],
      ['model.safetensors', '1_Pooling/config.json', '2_Dense/pytorch_model.bin', '2_Dense/config.json'],
    ],
    [
      'no folders for other run times',
      ['model.safetensors', 'onnx/model.onnx', 'openvino/openvino_model.bin', 'original/consolidated.00.pth'],
      ['model.safetensors'],
    ],
    [
      'the only weights, wherever they are',
      ['config.json', 'onnx/model.onnx', 'onnx/model.onnx_data'],
      ['config.json', 'onnx/model.onnx', 'onnx/model.onnx_data'],
    ],
    [
      "not the maker's own format beside the usual one",
      [
        'consolidated.safetensors',
        'model-00001-of-00002.safetensors',
        'model-00002-of-00002.safetensors',
        'params.json',
      ],
      ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors', 'params.json'],
    ],
    [
      "the maker's own format alone",
      ['consolidated.safetensors', 'params.json'],
      ['consolidated.safetensors', 'params.json'],
    ],
    ['nothing hidden', ['.gitattributes', '.cache/x', 'a/.b', 'tokenizer.json'], ['tokenizer.json']],
    ['no .gguf beside other weights', ['model.safetensors', 'model-q4.gguf'], ['model.safetensors']],
  ])('are by default: %s', (_, paths, chosen) => {
    expect(pathsOf(paths)).toEqual(chosen);
  });

  const paths = [
    'README.md',
    'config.json',
    'model.safetensors',
    'model.bin',
    'onnx/model.onnx',
    'onnx/config.json',
    'q4.gguf',
  ];
  it.each<[{ include?: string[]; exclude?: string[] }, string[]]>([
    [{ include: ['*.bin', 'config.json'] }, ['config.json', 'model.bin', 'onnx/config.json']],
    [{ include: ['onnx/**'] }, ['onnx/model.onnx', 'onnx/config.json']],
    [{ include: ['*.gguf'] }, ['q4.gguf']],
    [{ include: ['*'], exclude: ['*.{bin,gguf}', 'onnx/*'] }, ['README.md', 'config.json', 'model.safetensors']],
    [{ exclude: ['*.md'] }, ['config.json', 'model.safetensors']],
    [{ include: ['!README.md', 'config.json'] }, ['config.json', 'onnx/config.json']],
  ])('may be chosen by patterns: %j', (choice, chosen) => {
    expect(pathsOf(paths, choice)).toEqual(chosen);
  });

  it('that are .gguf are not fetched all together: one is to be named', () => {
    const ggufs = ['q2', 'q3', 'q4', 'q5', 'q6', 'q8'].map((name) => `${name}.gguf`);
    expect(() => pathsOf(['README.md', ...ggufs])).toThrow(
      expect.objectContaining({
        code: 'SOURCE_UNAVAILABLE',
        message: expect.stringMatching(/q2\.gguf, .*q6\.gguf and 1 more\); name one of them: hf:\/\/org\/repo\/FILE/),
      }),
    );
  });

  it('must be some, and not too many', () => {
    expect(() => pathsOf(paths, { include: ['*.pt'] })).toThrow(/no file of org\/repo is left .* it has README.md/);
    expect(() => pathsOf([])).toThrow('none at all');
    const many = Array.from({ length: 1_001 }, (_, index) => `${index}.json`);
    expect(() => pathsOf(many)).toThrow('at most 1000 are fetched; choose with #include=');
  });
});

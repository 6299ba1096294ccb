import { createSmmf } from 'smmf';
import { describe, expect, it } from 'vitest';

type Json = Readonly<Record<string, unknown>>;

describe('the options of embeddings', () => {
  const of = (model: Json) =>
    createSmmf({ version: 1, models: { m: { engine: 'embeddings', ...model } } }, { baseDir: import.meta.dirname });
  const url = 'http://127.0.0.1:9';

  it.each<[string, Json, RegExp[]]>([
    ['neither source nor url', {}, [/source: needed: .* in place of source/]],
    [
      'source and url',
      { source: './m', url },
      [/url: source is for a model that runs here, url for one that does not: keep one/],
    ],
    [
      'source and url of a server',
      { source: './m', url, server: 'tei' },
      [/source: the model is where url says: keep url, or leave url and server out/],
    ],
    ['a url without a server', { url }, [/url: .* server: tei, infinity or huggingface/]],
    ['another server', { url, server: 'vllm' }, [/server is tei, infinity or huggingface; left out/]],
    ['a server without url', { server: 'tei' }, [/url: an address that begins with http/]],
    ['what a server does itself', { url, server: 'tei', pooling: 'cls' }, [/pooling: unknown key/]],
    [
      'rerank by featureExtraction',
      { url, server: 'huggingface', task: 'rerank' },
      [/task: featureExtraction gives vectors and no scores/],
    ],
    ['parts for Infinity', { url, server: 'infinity', batch: 3 }, [/batch: Infinity takes 2,048 texts at once/]],
    [
      'a key in two places',
      { url, server: 'tei', apiKey: 'k', headers: { authorization: 'Basic x' } },
      [/authorization is set by apiKey already/],
    ],
  ])('are refused with %s', async (_, model, messages) => {
    const error = await of(model).then(
      () => expect.fail('taken'),
      (thrown: Error) => thrown,
    );
    for (const message of messages) expect(error.message).toMatch(message);
  });
});

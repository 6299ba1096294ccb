import { describe, expect, it } from 'vitest';
import plugin from '../src/index.ts';

const faults = (options: object): string =>
  (plugin.options.safeParse(options).error?.issues ?? [])
    .map(({ path, message }) => `${path.join('.')}: ${message}`)
    .join('; ');

describe('the options', () => {
  it('are those of a trtllm-serve where no server is named', () => {
    expect(plugin.options.parse({ url: 'http://gpu:8000' })).toMatchObject({
      server: 'trtllm-serve',
      tasks: ['chat', 'completions'],
      connectTimeout: 1_000,
    });
  });

  it('are those of a Triton where it is named', () => {
    expect(plugin.options.parse({ server: 'triton', url: 'http://gpu:8000' })).toMatchObject({
      maxTokens: 1_024,
      slots: 256,
      manage: false,
      loadTimeout: 600_000,
    });
    expect(plugin.options.parse({ server: 'triton', url: 'http://gpu:8000', metrics: false })).toMatchObject({
      metrics: false,
    });
  });

  it.each([
    [{ server: 'tritn', url: 'http://gpu:8000' }, /server is trtllm-serve \(default\) or triton/],
    [{ url: 'http://gpu:8000', manage: true }, /manage/],
    [{ server: 'triton', url: 'http://gpu:8000', served: 'x' }, /served/],
    [{ server: 'triton', url: 'gpu:8000' }, /url: an address that begins with http/],
    [{ server: 'triton', url: 'http://gpu:8000', tasks: ['chat'] }, /tasks: Triton has no chat template: give one/],
    [{ server: 'triton', url: 'http://gpu:8000', tasks: ['embeddings'] }, /tasks/],
    [{ url: 'http://gpu', apiKey: 'k', headers: { Authorization: 'x' } }, /headers: authorization is set by apiKey/],
  ])('refuse %j', (options, told) => {
    expect(faults(options)).toMatch(told);
  });

  it('attach: the server runs already', () => {
    expect(plugin.run?.(plugin.options.parse({ url: 'http://gpu:8000' }))).toEqual({ form: 'attach' });
  });
});

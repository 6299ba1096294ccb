import { join } from 'node:path';
import { option, SmmfError } from '@smmf/core';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { desiredOf, resolveConfig, type SecretBook } from '../src/index.ts';
import { optionsHere } from '../src/locate-engine.ts';
import { rawFromObject } from '../src/resolve-config.ts';

const VLLM = join(import.meta.dirname, '../../../plugins/vllm/src/index.ts');
const reference = (name: string, fallback = ''): string => `$\{env:${name}${fallback}}`;

async function desired(models: object, env: Readonly<Record<string, string>> = {}) {
  const book: SecretBook = new Map();
  const raw = rawFromObject({ version: 1, models }, import.meta.dirname);
  const state = desiredOf(await resolveConfig(raw, env), book);
  return { state, book, text: JSON.stringify(state) };
}

describe('what a config wants, as data', () => {
  it('keeps references as they are written', async () => {
    const { state, book } = await desired(
      { m: { engine: VLLM, url: reference('URL'), apiKey: reference('KEY'), weight: reference('WEIGHT') } },
      { URL: 'http://e:1', KEY: 'sk-0123456789', WEIGHT: '2' },
    );
    expect(state.upstreams).toMatchObject([{ id: 'm-0', plugin: VLLM, engine: 'vllm', weight: 2 }]);
    expect(state.upstreams[0]?.options).toEqual({ url: reference('URL'), apiKey: reference('KEY') });
    expect(book.size).toBe(0);
  });

  it.each([
    ['a key', { url: 'http://e:1', apiKey: 'sk-plain-0123456789' }],
    ['a default of a reference', { url: 'http://e:1', apiKey: reference('KEY', ':-sk-plain-0123456789') }],
    ['a header', { url: 'http://e:1', headers: { authorization: 'Basic sk-plain-0123456789' } }],
  ])(
    'holds no secret that stands in the config: %s; whoever makes the engine here gets it all the same',
    async (_, options) => {
      const { state, text, book } = await desired({ m: { engine: VLLM, ...options } });
      expect(text).not.toContain('sk-plain');
      const schema = z.looseObject({});
      const place = { env: {}, baseDir: import.meta.dirname, secrets: book };
      const here = optionsHere(schema, state.upstreams[0]?.options, ['models', 'm'], place).options;
      expect(JSON.stringify(here)).toContain('sk-plain-0123456789');
      const elsewhere = { ...place, secrets: new Map() };
      expect(() => optionsHere(schema, state.upstreams[0]?.options, ['models', 'm'], elsewhere)).toThrow(
        /models\.m.*does not leave its machine; use a reference/s,
      );
    },
  );

  it("holds no secret of a balancer's options either", async () => {
    const use = join(import.meta.dirname, 'plugins/keyed-balancer.ts');
    const model = { engine: VLLM, url: 'http://e:1', balancer: { use, key: 'sk-plain-0123456789' } };
    const { state, text, book } = await desired({ m: model });
    expect(text).not.toContain('sk-plain');
    const place = { env: {}, baseDir: import.meta.dirname, secrets: book };
    const { options } = optionsHere(z.looseObject({}), state.models[0]?.balancer.options, ['models', 'm'], place);
    expect(options).toEqual({ key: 'sk-plain-0123456789' });
  });
});

describe('options where they are used', () => {
  const schema = z.strictObject({ port: z.number(), key: option.secret().optional() });
  const place = { env: { PORT: '8000' }, baseDir: import.meta.dirname, secrets: new Map() };

  it('take the type that the plugin wants', () => {
    expect(optionsHere(schema, { port: reference('PORT') }, ['models', 'm'], place).parsed).toEqual({ port: 8000 });
  });

  it('name a variable that is not set on this machine, with its place', () => {
    const make = (): unknown => optionsHere(schema, { port: 1, key: reference('NOPE') }, ['models', 'm'], place);
    expect(make).toThrow(SmmfError);
    expect(make).toThrow(/^SECRET_MISSING NOPE: models\.m needs environment variable NOPE, not set on this machine/);
    expect(make).toThrow(expect.objectContaining({ code: 'SECRET_MISSING' }));
  });

  it('are wrong in themselves where something else is amiss, too', () => {
    const make = (): unknown =>
      optionsHere(schema, { port: 1, key: reference('NOPE'), at: '$(X)' }, ['models', 'm'], place);
    expect(make).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });
});

import { expect, it } from 'vitest';
import { withListeners } from '../src/listener-overrides.ts';

const raw = (value: unknown) => ({ value, file: 'f', baseDir: '/' });

it('listeners given beside a config take the place of what it says, and of nothing else', () => {
  const config = raw({ version: 1, server: { port: 1, keys: ['k'] }, models: {} });
  expect(withListeners(config, { port: 2, adminPort: 0 }).value).toEqual({
    version: 1,
    server: { port: 2, keys: ['k'] },
    admin: { port: 0 },
    models: {},
  });
  expect(withListeners(config, { host: undefined })).toEqual(config);
  expect(withListeners(raw({ version: 1 }), { host: '::1' }).value).toEqual({ version: 1, server: { host: '::1' } });
});

it.each([[null], ['text'], [[1]], [{ server: 5 }]])('what is no config stays as it is: %j', (value) => {
  expect(withListeners(raw(value), { port: 2 }).value).toEqual(value);
});

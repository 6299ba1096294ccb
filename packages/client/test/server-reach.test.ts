import { Secret } from '@smmf/core';
import { describe, expect, it } from 'vitest';
import { serverReach } from '../src/index.ts';

const rest = { connectTimeout: 1_000, proxy: 'none' } as const;

describe('the address of a server', () => {
  it.each([
    ['http://gpu:8000', 'http://gpu:8000'],
    ['http://gpu:8000/v1', 'http://gpu:8000'],
    ['http://gpu:8000/a//v1', 'http://gpu:8000/a'],
    ['http://gpu:8000/v10', 'http://gpu:8000/v10'],
  ])('%s has its API below %s/v1, and the rest beside it', (url, root) => {
    expect(serverReach({ url, ...rest })).toMatchObject({ url: `${root}/v1`, root });
  });

  it('comes with the key as a bearer token, beside other headers', () => {
    const reach = serverReach({
      url: 'http://gpu',
      apiKey: new Secret('sk'),
      headers: { 'x-a': new Secret('b') },
      ...rest,
    });
    const shown = Object.entries(reach.headers).map(([name, value]) => [
      name,
      value instanceof Secret && value.reveal(),
    ]);
    expect(Object.fromEntries(shown)).toEqual({ 'x-a': 'b', authorization: 'Bearer sk' });
    expect(serverReach({ url: 'http://gpu', ...rest }).headers).toEqual({});
  });
});

import { Secret } from '@smmf/core';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { endpointOption, oneAuthorization } from '../src/index.ts';

function faults(schema: z.ZodType, value: unknown): string[] {
  return schema.safeParse(value).error?.issues.map(({ message }) => message) ?? [];
}

describe('the address of a server', () => {
  it.each([
    ['http://gpu1:8000', 'http://gpu1:8000'],
    ['https://api.example.com/v1/', 'https://api.example.com/v1'],
    ['http://[::1]:8000//', 'http://[::1]:8000'],
    ['https://x.services.ai.example/models', 'https://x.services.ai.example/models'],
  ])('%s is taken without slashes at its end', (text, url) => {
    expect(endpointOption.url().parse(text)).toBe(url);
  });

  it.each([
    ['http://user:canary@gpu1:8000', /user name and password.*apiKey.*headers/],
    ['https://canary@gpu1/v1', /user name and password/],
    ['https://gpu1/openai?api-version=canary', /a query.*an address that needs none/],
    ['https://gpu1/v1?', /a query/],
    ['https://gpu1/v1#canary', /a fragment/],
    ['https://gpu1/v1/chat/completions', /without \/chat\/completions$/],
    ['https://gpu1/v1/embeddings/', /without \/embeddings$/],
    ['gpu1:8000', /begins with http/],
    ['ftp://gpu1', /begins with http/],
    ['', /begins with http/],
  ])('%s is refused with a reason, and not shown', (text, reason) => {
    const found = faults(endpointOption.url(), text);
    expect(found).toEqual([expect.stringMatching(reason)]);
    expect(found.join()).not.toContain('canary');
  });
});

describe('headers of a server', () => {
  it('are secrets', () => {
    const { Authorization } = endpointOption.headers().parse({ Authorization: 'Basic abc' });
    expect(Authorization).toBeInstanceOf(Secret);
    expect(Authorization?.reveal()).toBe('Basic abc');
  });

  it.each([
    [{ 'x y': 'a' }, /name of a header/],
    [{ '': 'a' }, /name of a header/],
    [{ Host: 'a' }, /set by HTTP or by SMMF/],
    [{ 'Content-Length': '1' }, /set by HTTP or by SMMF/],
    [{ 'x-smmf-attempt': '1' }, /set by HTTP or by SMMF/],
    [{ 'x-a': 'line\nend' }, /cannot be sent/],
    [{ 'x-a': 'a', 'X-A': 'b' }, /twice/],
  ])('%j are refused', (headers, reason) => {
    const [issue] = endpointOption.headers().safeParse(headers).error?.issues ?? [];
    const message = issue?.code === 'invalid_key' ? issue.issues[0]?.message : issue?.message;
    expect(message).toMatch(reason);
  });

  it('do not set the authorization that a key sets', () => {
    expect(oneAuthorization({ apiKey: 'k', headers: { Authorization: 'x' } })).toBe(false);
    expect(oneAuthorization({ apiKey: 'k', headers: { 'api-key': 'x' } })).toBe(true);
    expect(oneAuthorization({ headers: { authorization: 'x' } })).toBe(true);
  });
});

describe('the probe of a server', () => {
  it('has times of its own, 30 s and 5 s by default', () => {
    const probe = z.strictObject({ probe: endpointOption.probe() });
    expect(probe.parse({})).toEqual({ probe: { intervalMs: 30_000, timeoutMs: 5_000 } });
    expect(probe.parse({ probe: { timeout: '500ms' } }).probe).toEqual({ intervalMs: 30_000, timeoutMs: 500 });
    expect(faults(probe, { probe: { timeout: 5 } })).toHaveLength(1);
    expect(faults(probe, { probe: { interval: '0s' } })).toEqual(['longer than 0']);
    expect(faults(probe, { probe: { intervall: '1s' } })).toHaveLength(1);
  });
});

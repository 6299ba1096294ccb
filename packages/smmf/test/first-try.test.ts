import { execFileSync } from 'node:child_process';
import { callerKeys } from '@smmf/runtime';
import { describe, expect, it } from 'vitest';
import { firstTry } from '../src/first-try.ts';

const ref = (text: string): string => `\${${text}}`;
const env = { SMMF_KEY: 'canary-from-the-environment', ENDED: 'canary-with-a-line-end\n', 'WITH.DOT': 'canary-dot' };
const TASKS: Readonly<Record<string, readonly string[]>> = {
  vectors: ['embeddings'],
  chat: ['chat', 'completions'],
  other: ['chat'],
  fast: ['chat'],
};

function lines(keys: readonly unknown[], more: { url?: string; models?: string[] } = {}): readonly string[] {
  const raw = { value: { version: 1, server: { keys } }, file: 'smmf.yaml', baseDir: '/' };
  const { url = 'http://127.0.0.1:8100', models = ['vectors', 'chat', 'other'] } = more;
  return firstTry({ url, models, tasksOf: (name) => TASKS[name] ?? [], keys: callerKeys(raw, env) });
}

/** The line as a shell takes it apart. */
function words(line: string | undefined): string[] {
  const script = `curl() { for word in "$@"; do printf '%s\\n' "$word"; done; }; ${line}`;
  return execFileSync('sh', ['-c', script], { env, encoding: 'utf8' }).trimEnd().split('\n');
}

const bodyOf = (line: string | undefined): unknown => JSON.parse(words(line).at(-1) ?? '');

describe('the first request that is printed', () => {
  it('is a chat with a model that chats, and needs no key where the server has none', () => {
    const [line, ...more] = lines([]);
    expect(more).toEqual([]);
    const body = JSON.stringify({ model: 'chat', messages: [{ role: 'user', content: 'Hello!' }], max_tokens: 100 });
    expect(line).toBe(
      `curl http://127.0.0.1:8100/v1/chat/completions -H 'content-type: application/json' -d '${body}'`,
    );
    expect(bodyOf(line)).toEqual(JSON.parse(body));
  });

  it('names the environment variable of the config, and the shell puts the key in', () => {
    const [line, ...more] = lines([ref('env:SMMF_KEY')]);
    expect(more).toEqual([]);
    expect(line).toContain('-H "authorization: Bearer $SMMF_KEY"');
    expect(words(line)).toContain(`authorization: Bearer ${env.SMMF_KEY}`);
  });

  it('takes a key that may call, and a model that it may use, an alias too', () => {
    const scoped = { key: ref('env:OTHER'), scopes: ['metrics'] };
    const [line] = lines([scoped, { key: ref('env:SMMF_KEY'), models: ['vectors', 'fast'] }]);
    expect(line).toContain('$SMMF_KEY');
    expect(bodyOf(line)).toMatchObject({ model: 'fast' });
  });

  it('prefers a key that a shell can name', () => {
    expect(lines(['literal-canary-literal', ref('env:SMMF_KEY')])).toEqual([expect.stringContaining('$SMMF_KEY')]);
  });

  it.each([
    ['written in the config', 'canary-in-the-config'],
    ['from a file', ref('file:./key')],
    ['a default', ref('env:NOT_SET:-canary-default-canary')],
    ['put together', `sk-${ref('env:SMMF_KEY')}`],
    ['of a variable that a shell would give with a line end', ref('env:ENDED')],
    ['of a variable that a shell cannot name', ref('env:WITH.DOT')],
  ])('has a placeholder for a key that is %s, and says which key it stands for', (_name, key) => {
    const [line, more] = lines([{ key: 'sixteen-letters-x', scopes: ['metrics'] }, { key }]);
    expect(line).toContain("-H 'authorization: Bearer YOUR_KEY'");
    expect(more).toBe('(YOUR_KEY: the key at server.keys[1] of the config)');
    expect(`${line}${more}`).not.toContain('canary');
  });

  it('is what the models can do where none chats', () => {
    const [line] = lines([], { models: ['vectors'] });
    expect(line).toContain('/v1/embeddings ');
    expect(bodyOf(line)).toEqual({ model: 'vectors', input: 'Hello!' });
  });

  it('says so when no key may call', () => {
    const none = ['(no key of the config may call a model)'];
    expect(lines([{ key: ref('env:SMMF_KEY'), scopes: ['metrics'] }])).toEqual(none);
  });

  it('is quoted where a shell would read more into it, and takes the certificate of a server on this machine', () => {
    const [line] = lines([], { url: 'https://[::1]:8100' });
    expect(line).toMatch(/^curl -k 'https:\/\/\[::1\]:8100\/v1\/chat\/completions' /);
  });
});

import { createDialer } from '@smmf/net';
import { afterEach, describe, expect, it } from 'vitest';
import { closeServers, collects, listen, text } from '../../net/test/servers.ts';
import { refusalOf } from '../src/upstream-error.ts';
import { REPLY, routerTo } from './through-router.ts';

afterEach(closeServers);

const SECRET = 'canary-secret';
const moved = (to: string, status: string): string => text(status, 'moved', `location: ${to}\r\n`);

describe('a redirect of an engine', () => {
  it.each(['301 Moved', '302 Found', '303 See Other', '307 Temporary', '308 Permanent'])(
    '%s is not followed, and names the host that it leads to, nothing more',
    async (status) => {
      const canary = await listen(collects(text('200 OK', REPLY, 'content-type: application/json\r\n')));
      const to = `http://u:${SECRET}@127.0.0.1:${canary.port}/v1/${SECRET}?key=${SECRET}#${SECRET}`;
      const engine = await listen(collects(moved(to, status)));
      const headers = { authorization: 'Bearer canary-key' };
      const ended = await routerTo({ url: `http://127.0.0.1:${engine.port}/v1`, headers }, createDialer())();
      expect(ended).toMatchObject({
        code: 'ENGINE_FAILED',
        message: `The engine redirects to 127.0.0.1:${canary.port} (HTTP ${status.slice(0, 3)}), which is not followed`,
      });
      expect(ended.everything).not.toContain(SECRET);
      expect([engine.sockets.length, canary.sockets.length]).toEqual([1, 0]);
    },
  );

  it('in a chain ends at its first link', async () => {
    const canary = await listen(collects(text('200 OK', REPLY)));
    const second = await listen(collects(moved(`http://127.0.0.1:${canary.port}/`, '302 Found')));
    const first = await listen(collects(moved(`http://127.0.0.1:${second.port}/`, '307 Temporary')));
    const ended = await routerTo({ url: `http://127.0.0.1:${first.port}` }, createDialer())();
    expect(ended.message).toContain(`redirects to 127.0.0.1:${second.port} (HTTP 307)`);
    expect([first, second, canary].map(({ sockets }) => sockets.length)).toEqual([1, 0, 0]);
  });

  it.each([
    ['/v2/chat?key=canary', 'another path of its own'],
    ['//evil.test/canary', 'evil.test'],
    ['https://EVIL.test:8443/canary', 'evil.test:8443'],
    ['\\\\evil.test\\canary', 'evil.test'],
    ['http://169.254.169.254/canary', '169.254.169.254'],
    ['http://0xa9fea9fe/', '169.254.169.254'],
    ['http://[::1]:80/canary', '[::1]'],
    ['file:///etc/canary', 'something that is no http address'],
    ['javascript:canary', 'something that is no http address'],
    ['http://[canary', 'something that is no http address'],
    ['', 'nowhere'],
  ])('to "%s" leads to %s', (location, words) => {
    const { error, blame } = refusalOf(302, Buffer.from('moved'), undefined, location);
    expect(error.message).toBe(`The engine redirects to ${words} (HTTP 302), which is not followed`);
    expect([error.code, error.row.status, blame]).toEqual(['ENGINE_FAILED', 502, 'setup']);
  });

  it('says nothing of a host where there is none to follow', () => {
    expect(refusalOf(304, Buffer.alloc(0), undefined).error.message).toBe('The engine failed (HTTP 304)');
    expect(refusalOf(500, Buffer.alloc(0), undefined, 'http://evil.test').error.message).not.toContain('evil');
  });
});

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import OpenAI from 'openai';
import { createSmmf } from 'smmf';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startCluster } from '../src/start-cluster.ts';

const MAIN = join(import.meta.dirname, '../src/main.ts');
const ENGINE = '../../../packages/testkit/src/demo/demo-engine.ts';

/** What keeps this process from ending and was not there `before`, by kind. */
function handlesBeside(before: readonly string[]): string[] {
  const known = [...before];
  return process.getActiveResourcesInfo().filter((kind) => {
    const at = known.indexOf(kind);
    if (at >= 0) known.splice(at, 1);
    return at < 0;
  });
}

describe('a cluster composed in code', () => {
  it('answers a streamed chat through the openai SDK and a member without a listener, and leaves no handle behind', async () => {
    const stateDir = mkdtempSync(join(tmpdir(), 'smmf-cluster-'));
    onTestFinished(() => rmSync(stateDir, { recursive: true, force: true }));
    const before = process.getActiveResourcesInfo();
    const models = { demo: { engine: ENGINE, tokenMs: 1 } };
    const cluster = await startCluster({ models, stateDir, secret: randomBytes(24).toString('base64') });
    onTestFinished(() => cluster.close(0));
    const question = (content: string) => ({ model: 'demo', messages: [{ role: 'user' as const, content }] });
    const members = async (): Promise<string[]> => {
      const view = (await (await fetch(`${cluster.adminUrl}/admin/v1/cluster`)).json()) as {
        members: { kind: string }[];
      };
      return view.members.map(({ kind }) => kind).sort();
    };
    expect(await members()).toEqual(['apiserver', 'controller', 'worker']);
    expect(handlesBeside(before)).toContain('TCPServerWrap');

    const client = new OpenAI({ baseURL: `${cluster.url}/v1`, apiKey: 'none', maxRetries: 0 });
    const pieces: string[] = [];
    let finish: string | null | undefined;
    for await (const { choices } of await client.chat.completions.create({
      ...question('one two three'),
      stream: true,
    })) {
      pieces.push(choices[0]?.delta.content ?? '');
      finish = choices[0]?.finish_reason ?? finish;
    }
    expect(pieces.join('')).toBe('echo: one two three');
    expect(pieces.length).toBeGreaterThan(3);
    expect(finish).toBe('stop');

    const member = await createSmmf({ ...cluster.membership, stateDir: join(stateDir, 'application') });
    onTestFinished(() => member.close(0));
    await member.ready(AbortSignal.timeout(30_000));
    const reply = await member.chat(question('inside'));
    expect(reply.choices[0]?.message.content).toBe('echo: inside');
    await expect(member.listen()).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await expect.poll(members).toEqual(['apiserver', 'apiserver', 'controller', 'worker']);
    await member.close();
    await expect.poll(members).toEqual(['apiserver', 'controller', 'worker']);
    await cluster.close();
    await expect.poll(() => handlesBeside(before), { timeout: 15_000 }).toEqual([]);
  });

  it('as a program answers over HTTP and as a member, and ends by itself', async () => {
    const child = spawn(process.execPath, ['--conditions=smmf-source', MAIN], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    const ended = once(child, 'exit');
    expect(await text(child.stdout)).toBe('over HTTP: echo: hello over HTTP\nas a member: echo: hello from inside\n');
    expect(await ended).toEqual([0, null]);
  });
});

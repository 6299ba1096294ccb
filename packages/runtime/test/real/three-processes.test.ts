import { join } from 'node:path';
import { openMessage, recordOf } from '@smmf/cluster';
import type { RegistryEntry } from '@smmf/core';
import { assignment, instanceRecord, memberRecord, memberReport, settings } from '@smmf/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { startThreeProcesses, type ThreeProcesses } from '../three-processes/three-processes.ts';

const BASE = join(import.meta.dirname, '../../../testkit/src/demo');
const SECRET = 'sk-demo-0123456789abcdef';
const UPSTREAM = '../../../../plugins/vllm/src/index.ts';
const reference = (name: string): string => `$\{env:${name}}`;

type Json = Readonly<Record<string, unknown>>;

let three: ThreeProcesses;

beforeAll(async () => {
  const config = {
    version: 1 as const,
    admin: { port: 0 },
    models: {
      demo: {
        ...{ engine: './demo-engine.ts', secret: reference('DEMO_SECRET'), tokenMs: 5, slots: 4 },
        ...{ labels: { zone: 'a' }, aliases: ['d'], balancer: 'power-of-two' },
      },
      far: { engine: UPSTREAM, url: 'http://127.0.0.1:9', apiKey: reference('DEMO_SECRET'), fallbacks: ['demo'] },
    },
  };
  three = await startThreeProcesses(config, BASE, { DEMO_SECRET: SECRET });
}, 60_000);

afterAll(() => three?.close());

async function admin(path: string, method = 'GET'): Promise<Json> {
  const response = await fetch(`${three.adminUrl}/admin/v1/${path}`, { method });
  return (await response.json()) as Json;
}

async function streamed(content: string): Promise<string> {
  const response = await fetch(`${three.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'd', messages: [{ role: 'user', content }], stream: true }),
  });
  const events = (await response.text()).split('\n\n').filter((event) => event.startsWith('data: {'));
  return events.map((event) => JSON.parse(event.slice(6)).choices[0]?.delta?.content ?? '').join('');
}

/** Every value in `value`, texts of JSON opened, with the key and the object that holds it. */
function eachValue(
  value: unknown,
  visit: (value: unknown, key: string, holder: Json) => void,
  key = '',
  holder: Json = {},
) {
  visit(value, key, holder);
  if (typeof value === 'string' && value.startsWith('{')) eachValue(JSON.parse(value), visit, key, holder);
  else if (typeof value === 'object' && value !== null)
    for (const [name, inner] of Object.entries(value)) eachValue(inner, visit, name, value as Json);
}

/** Texts of the settings, assignments and reports that crossed, and the registry's entries. */
async function messages() {
  const texts = { settings: new Set<string>(), assignment: new Set<string>(), report: new Set<string>() };
  texts.report.add(await three.report());
  const entries = new Map<string, RegistryEntry>();
  for (const { path, text } of three.crossed) {
    if (text === '') continue;
    if (path.startsWith('/cluster/v1/settings')) texts.settings.add(text);
    if (path.startsWith('/cluster/v1/assignments/')) texts.assignment.add(text);
    eachValue(JSON.parse(text), (value, key, holder) => {
      if (key === 'value' && typeof value === 'string' && 'epoch' in holder && 'id' in holder)
        entries.set(value, holder as unknown as RegistryEntry);
    });
  }
  return { texts, entries: [...entries.values()] };
}

describe('controller, worker host and API server in three processes', () => {
  it('answer a streamed chat', async () => {
    await expect.poll(() => streamed('one two three'), { timeout: 15_000 }).toContain('one two three');
  });

  it('show instances and upstreams to an operator, and take his orders', async () => {
    const { data } = (await admin('instances')) as { data: Json[] };
    expect(data).toMatchObject([
      { id: 'demo-0', state: 'ready', starts: 1, labels: { zone: 'a' } },
      { id: 'far-0', state: 'down', engine: 'vllm' },
    ]);
    await admin('instances/demo-0/offline', 'POST');
    await expect.poll(() => streamed('x')).toBe('');
    await admin('instances/demo-0/online', 'POST');
    await expect.poll(() => streamed('x y')).toContain('x y');
  });

  it('restart an instance as a generation, with the operation told to its end', async () => {
    const begun = await admin('instances/demo-0/restart', 'POST');
    expect(begun).toMatchObject({ state: 'running' });
    const now = () => admin(`operations/${String(begun.id)}`);
    await expect.poll(now, { timeout: 20_000 }).toMatchObject({ state: 'done' });
    const { data } = (await admin('instances')) as { data: Json[] };
    expect(data[0]).toMatchObject({ id: 'demo-0', state: 'ready', generation: 2, epoch: 2, starts: 2 });
    expect(await streamed('after')).toContain('after');
  });

  it('tell each other JSON only: no secret, and no path of a machine', async () => {
    const { texts, entries } = await messages();
    expect(entries.length).toBeGreaterThan(2);
    for (const kind of Object.values(texts)) expect(kind.size).toBeGreaterThan(0);
    for (const text of [...three.crossed.map((one) => one.text), ...texts.report]) {
      expect(text).not.toContain(SECRET);
      if (text === '') continue;
      eachValue(JSON.parse(text), (value) => {
        if (typeof value === 'string') expect(value).not.toMatch(/^(?:\/|[A-Z]:\\|file:)/);
      });
      expect(text).not.toContain(import.meta.dirname.split('/packages/')[0]);
    }
    expect([...texts.assignment].join()).toContain(reference('DEMO_SECRET'));
  });

  it('let nobody in without the key of the cluster, nor with another one', async () => {
    const { data } = (await admin('cluster')) as { data?: unknown };
    expect(data).toBeUndefined();
    const { members } = (await admin('cluster')) as unknown as { members: { kind: string; url: string }[] };
    expect(members.map(({ kind }) => kind).sort()).toEqual(['apiserver', 'controller', 'worker']);
    for (const { url, kind } of members) {
      const path = kind === 'controller' ? '/registry/v1/snapshot' : '/member/v1/report';
      expect((await fetch(url + path)).status).toBe(401);
      expect((await fetch(url + path, { headers: { authorization: 'Bearer wrong' } })).status).toBe(401);
    }
    const [{ address } = { address: { url: '' } }] = (
      (await admin('instances')) as { data: { address: { url: string } }[] }
    ).data;
    const body = JSON.stringify({ model: 'demo', messages: [{ role: 'user', content: 'x' }] });
    const asked = { method: 'POST', body, headers: { 'content-type': 'application/json' } };
    expect((await fetch(`${address.url}/chat/completions`, asked)).status).toBe(401);
  });
});

const future = { future: { deep: [1, { 'of another version': true }] } };

/** `value` with an unknown key in every object that the schema describes, and the paths of all keys that it may leave out. */
function variants(schema: unknown, value: unknown, path: readonly (string | number)[] = []) {
  const optional: (readonly (string | number)[])[] = [];
  const widen = (type: unknown, at: unknown, where: readonly (string | number)[]): unknown => {
    if (type instanceof z.ZodOptional || type instanceof z.ZodDefault) return widen(type.unwrap(), at, where);
    if (type instanceof z.ZodArray && Array.isArray(at))
      return at.map((item, index) => widen(type.element, item, [...where, index]));
    if (!(type instanceof z.ZodObject) || typeof at !== 'object' || at === null) return at;
    const entries = Object.entries(at).map(([key, inner]) => {
      const inside: z.ZodType | undefined = type.shape[key];
      if (inside?.safeParse(undefined).success) optional.push([...where, key]);
      return [key, widen(inside, inner, [...where, key])];
    });
    return { ...Object.fromEntries(entries), ...future };
  };
  return { widened: widen(schema, value, path), optional };
}

function without(value: unknown, [key, ...rest]: readonly (string | number)[]): unknown {
  if (key === undefined) return value;
  const copy = Array.isArray(value) ? [...value] : { ...(value as object) };
  if (rest.length === 0) Reflect.deleteProperty(copy, key);
  else Reflect.set(copy, key, without(Reflect.get(copy, key), rest));
  return copy;
}

describe('each message that crossed', () => {
  it('is read with unknown keys in it, as without, and without each key that may be absent', async () => {
    const schemas = { settings, assignment, report: memberReport };
    let count = 0;
    const { texts } = await messages();
    for (const kind of ['settings', 'assignment', 'report'] as const) {
      for (const text of texts[kind]) {
        const whole = openMessage(kind, text);
        const { widened, optional } = variants(schemas[kind], JSON.parse(text));
        expect(openMessage(kind, JSON.stringify(widened))).toEqual(whole);
        for (const path of optional) {
          expect(
            () => openMessage(kind, JSON.stringify(without(JSON.parse(text), path))),
            path.join('.'),
          ).not.toThrow();
          count++;
        }
      }
    }
    expect(count).toBeGreaterThan(50);
  });

  it('and so is each record of the registry', async () => {
    const { entries } = await messages();
    const kinds = new Set<string>();
    let count = 0;
    for (const entry of entries) {
      const { kind, payload } = JSON.parse(entry.value) as { readonly kind: string; readonly payload: string };
      kinds.add(kind);
      const schema = kind === 'instance' ? instanceRecord : memberRecord;
      const opened = { version: 1, kind, seq: 1 };
      const read = (record: unknown) => recordOf(entry, { ...opened, payload: JSON.stringify(record) })?.record;
      const { widened, optional } = variants(schema, JSON.parse(payload));
      expect(read(widened)).toMatchObject(read(JSON.parse(payload)) ?? {});
      for (const path of optional) {
        expect(() => read(without(JSON.parse(payload), path)), path.join('.')).not.toThrow();
        count++;
      }
    }
    expect([...kinds].sort()).toEqual(
      ['apiserver', 'controller', 'instance', 'worker'].filter((kind) => kinds.has(kind)),
    );
    expect(kinds).toContain('worker');
    expect(count).toBeGreaterThan(10);
  });
});

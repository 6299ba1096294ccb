import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A call as it came in. */
export interface EtcdCall {
  /** After `/v3/`. */
  readonly path: string;
  readonly body: Record<string, unknown>;
  readonly token: string | undefined;
}

/** What is answered: JSON (with a status where it is not 200), a text that is no JSON, or nothing at all. */
export type ScriptedAnswer =
  | { readonly status?: number; readonly json: unknown }
  | { readonly text: string }
  | 'silence';

/** An etcd whose answers are a function of the calls: for what a real one cannot be made to do. */
export interface ScriptedEtcd {
  readonly url: string;
  readonly calls: readonly EtcdCall[];
  answer: (call: EtcdCall) => ScriptedAnswer;
  close(): Promise<void>;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** An answer to a list of namespace `test`: its entries by id, with the store's revision. */
export function listOf(revision: number, entries: Readonly<Record<string, string>>, generation = 'g'): ScriptedAnswer {
  const rows = Object.entries(entries).map(([id, value], i) => ({
    key: base64(`/smmf/v1/test/entries/${id}`),
    value: base64(value),
    mod_revision: String(i + 1),
  }));
  const mark = { key: base64('/smmf/v1/test/generation'), value: base64(generation), mod_revision: '1' };
  return { json: { header: { cluster_id: '7', revision: String(revision) }, kvs: [...rows, mark] } };
}

export const refusal = (code: number, message: string, status = 400): ScriptedAnswer => ({
  status,
  json: { error: message, message, code },
});

function send(response: ServerResponse, answer: ScriptedAnswer): void {
  if (answer === 'silence') return;
  if ('text' in answer) response.writeHead(404).end(answer.text);
  else response.writeHead(answer.status ?? 200).end(JSON.stringify(answer.json));
}

export async function createScriptedEtcd(answer: (call: EtcdCall) => ScriptedAnswer): Promise<ScriptedEtcd> {
  const calls: EtcdCall[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const piece of request) text += piece;
    const path = (request.url ?? '').replace('/v3/', '');
    const call = { path, body: JSON.parse(text), token: request.headers.authorization };
    calls.push(call);
    send(response, scripted.answer(call));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const scripted: ScriptedEtcd = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    answer,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return scripted;
}

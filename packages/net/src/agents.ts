import { setTimeout as delay } from 'node:timers/promises';
import type { Dialer, DialTarget, HttpRequest, TlsSettings } from '@smmf/core';
import { Agent } from 'undici';
import { undiciConnector } from './undici-connector.ts';

/** Longest that an idle connection is kept: uvicorn closes its own after 5 s. */
const KEEP_ALIVE_MS = 4_000;
/** So many agents are kept, one for each way to dial; the least recently used one is closed first. */
const AGENT_LIMIT = 64;

/** Connections of an HTTP client, shared by the requests that are dialled alike. */
export interface Agents {
  for(request: HttpRequest): Agent;
  /** Gives requests under way `limitMs` to end. */
  close(limitMs: number): Promise<void>;
}

/** Agents whose connections are opened by the dialer. `headLimitBytes` bounds the head of an answer. */
export function createAgents(dialer: Dialer, headLimitBytes: number): Agents {
  const agents = new Map<string, Agent>();
  const numbers = new WeakMap<TlsSettings, number>();
  const closing = new AbortController();
  let lastNumber = 0;
  const numberOf = (tls: TlsSettings | undefined): number => {
    if (!tls) return 0;
    const number = numbers.get(tls) ?? ++lastNumber;
    numbers.set(tls, number);
    return number;
  };
  const make = (how: Omit<DialTarget, 'url' | 'onread'>): Agent =>
    new Agent({
      connect: undiciConnector(dialer, how, closing.signal),
      allowH2: false,
      pipelining: 1,
      maxHeaderSize: headLimitBytes,
      // The client has a limit of its own, which informational heads do not renew.
      headersTimeout: 0,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
    });
  return {
    for({ socketPath, proxy, egress, tls, serverName, connectTimeoutMs }) {
      const how = { socketPath, proxy, egress, tls, serverName, connectTimeoutMs };
      const key = JSON.stringify({ ...how, tls: numberOf(tls) });
      const agent = agents.get(key) ?? make(how);
      agents.delete(key);
      agents.set(key, agent);
      const [oldest] = agents;
      if (oldest && agents.size > AGENT_LIMIT) {
        agents.delete(oldest[0]);
        void oldest[1].close();
      }
      return agent;
    },
    async close(limitMs) {
      const all = [...agents.values()];
      agents.clear();
      if (limitMs > 0) {
        const over = new AbortController();
        const ended = Promise.all(all.map((agent) => agent.close()));
        await Promise.race([ended, delay(limitMs, undefined, { signal: over.signal })]);
        over.abort();
      }
      closing.abort(new Error('The HTTP client was closed'));
      await Promise.all(all.map((agent) => agent.destroy()));
    },
  };
}

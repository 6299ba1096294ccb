import { Agent, request } from 'node:http';
import { ASKED } from './plan.ts';

const CONNECTIONS = 32;
const BODY = JSON.stringify({ model: ASKED, messages: [{ role: 'user', content: 'Hello?' }] });

/** Requests that were answered well, in a time. */
export interface Load {
  readonly answered: number;
  readonly wrong: number;
}

function ask(port: number, agent: Agent): Promise<boolean> {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(BODY) };
    const asked = request({ port, agent, path: '/v1/chat/completions', method: 'POST', headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
      });
      response.once('end', () => resolve(response.statusCode === 200 && text.includes('Hello there.')));
    });
    asked.once('error', () => resolve(false));
    asked.end(BODY);
  });
}

/** Keeps requests under way at an API server for a time, each connection one after another. */
export async function load(port: number, durationMs: number): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const endMs = performance.now() + durationMs;
  const counts = { answered: 0, wrong: 0 };
  const keepAsking = async (): Promise<void> => {
    while (performance.now() < endMs) {
      if (await ask(port, agent)) counts.answered++;
      else counts.wrong++;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, keepAsking));
  agent.destroy();
  return counts;
}

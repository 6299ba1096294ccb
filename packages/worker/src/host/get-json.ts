import { get, type IncomingMessage } from 'node:http';
import type { Address } from '@smmf/protocol';

const MAX_BYTES = 256 * 1024;

/** Asks an engine's process for JSON, on a connection of its own. Rejects for any status but 200. */
export function getJson({ url, socketPath }: Address, path: string, signal: AbortSignal): Promise<unknown> {
  const target = new URL(path, url);
  const options = { signal, agent: false, ...(socketPath === undefined ? {} : { socketPath }) };
  return new Promise((resolve, reject) => {
    const receive = (response: IncomingMessage): void => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => {
        text += piece;
        if (text.length > MAX_BYTES) response.destroy(new Error(`${path} answered more than ${MAX_BYTES} bytes`));
      });
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode !== 200) reject(new Error(`${path} answered status ${response.statusCode}`));
        else resolve(JSON.parse(text));
      });
    };
    get(target, options, receive).on('error', reject);
  });
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { until } from './until.ts';

/** A server that has nothing to do with the cluster, on a port where one of its engines was. It answers whatever it is asked. */
export class Stranger {
  readonly #server: Server;
  readonly #mark: string;
  /** What it was asked, a count for each method and path. */
  readonly asked = new Map<string, number>();
  /** Bytes of bodies that held words of the drill's prompts. */
  promptBytes = 0;

  /** @param mark stands in every prompt */
  constructor(mark: string) {
    this.#mark = mark;
    this.#server = createServer((incoming, outgoing) => this.#on(incoming, outgoing));
  }

  /** Takes the port as soon as it is free. @throws NotInTime */
  async take(port: number): Promise<void> {
    await until(`port ${port} is free for a stranger`, 5_000, () => this.#tryToListen(port));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
  }

  #tryToListen(port: number): Promise<boolean> {
    const server = this.#server;
    return new Promise((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
  }

  #on(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { method, url = '' } = incoming;
    const what = `${method} ${url.split('?', 1)[0]}`;
    this.asked.set(what, (this.asked.get(what) ?? 0) + 1);
    let body = '';
    incoming.setEncoding('utf8').on('data', (piece: string) => {
      body += piece;
    });
    incoming.once('close', () => {
      if (body.includes(this.#mark)) this.promptBytes += Buffer.byteLength(body);
    });
    incoming.once('end', () => {
      const models = { object: 'list', data: [{ id: 'a-model-of-somebody-else', object: 'model' }] };
      outgoing.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(models));
    });
  }
}

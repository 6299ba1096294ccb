import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';

const SNAPSHOT = '/registry/v1/snapshot';
/** A life of its own: what the real registry says afterwards is then no older state of the same one. */
const EMPTY_VERSION = 'emptied:1:true';

const emptyList = (): string =>
  JSON.stringify({ generation: 'emptied', revision: 1, complete: true, asOfMs: Date.now(), entries: [] });

/** Stands between the API servers and one controller, and can claim that nobody is registered there. */
export class RegistryProxy {
  readonly #target: string;
  readonly #server: Server;
  /** Snapshots that are being waited for, each with what it is answered when that changes. */
  readonly #held = new Map<ServerResponse, () => void>();
  /** The key of whoever called last. */
  #authorization: string | undefined;
  #isEmpty = false;
  /** How often it has told an empty list. */
  emptyAnswers = 0;

  private constructor(target: string) {
    this.#target = target;
    this.#server = createServer((incoming, outgoing) => this.#on(incoming, outgoing));
  }

  /** Listens at `port` of loopback. */
  static async listen(port: number, target: string): Promise<RegistryProxy> {
    const proxy = new RegistryProxy(target);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
    return proxy;
  }

  /** From now on every list is empty, or no longer. */
  set isEmpty(isEmpty: boolean) {
    this.#isEmpty = isEmpty;
    for (const answer of this.#held.values()) answer();
    this.#held.clear();
  }

  /** Ids of the entries that the registry itself lists; undefined when it does not answer. */
  async listed(): Promise<readonly string[] | undefined> {
    const headers = this.#authorization === undefined ? {} : { authorization: this.#authorization };
    try {
      const answer = await fetch(`${this.#target}${SNAPSHOT}`, { headers, signal: AbortSignal.timeout(1_000) });
      if (answer.status !== 200) return undefined;
      return ((await answer.json()) as { readonly entries: readonly { readonly id: string }[] }).entries.map(
        ({ id }) => id,
      );
    } catch {
      return undefined;
    }
  }

  /** Idempotent. */
  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #on(incoming: IncomingMessage, outgoing: ServerResponse): void {
    this.#authorization = incoming.headers.authorization ?? this.#authorization;
    const isSnapshot = incoming.url?.startsWith(SNAPSHOT) === true;
    if (isSnapshot) outgoing.once('close', () => this.#held.delete(outgoing));
    if (isSnapshot && this.#isEmpty) this.#pretend(incoming, outgoing);
    else this.#relay(incoming, outgoing, isSnapshot);
  }

  #pretend({ url = '' }: IncomingMessage, outgoing: ServerResponse): void {
    const query = new URL(url, this.#target).searchParams;
    if (query.get('version') !== EMPTY_VERSION) {
      this.emptyAnswers++;
      outgoing.writeHead(200, { 'content-type': 'application/json', etag: `"${EMPTY_VERSION}"` }).end(emptyList());
      return;
    }
    const nothingNew = (): void => void outgoing.writeHead(204).end();
    const timer = setTimeout(nothingNew, Number(query.get('waitMs') ?? 0));
    this.#held.set(outgoing, nothingNew);
    outgoing.once('close', () => clearTimeout(timer));
  }

  #relay(incoming: IncomingMessage, outgoing: ServerResponse, isSnapshot: boolean): void {
    const { url = '', method, headers } = incoming;
    const asked = request(new URL(url, this.#target), { method, headers }, (answer) => {
      this.#held.delete(outgoing);
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    // What is away is away on this side, too: no status of ours stands for it.
    asked.on('error', () => outgoing.destroy());
    outgoing.once('close', () => asked.destroy());
    incoming.pipe(asked);
    if (!isSnapshot) return;
    this.#held.set(outgoing, () => {
      asked.removeAllListeners('response').on('response', () => undefined);
      asked.destroy();
      if (!outgoing.headersSent) this.#pretend(incoming, outgoing);
    });
  }
}

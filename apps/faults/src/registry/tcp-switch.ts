import { connect, createServer, type Server, type Socket } from 'node:net';

/** A port that stands for one of two others: a change cuts what is open. */
export class TcpSwitch {
  readonly #server: Server;
  readonly #ports: { readonly real: number; readonly other: number };
  readonly #open = new Set<Socket>();
  #isOther = false;
  /** Connections that were led to the other port. */
  misled = 0;

  private constructor(ports: { readonly real: number; readonly other: number }) {
    this.#ports = ports;
    this.#server = createServer((socket) => this.#relay(socket));
  }

  static async listen(port: number, ports: { readonly real: number; readonly other: number }): Promise<TcpSwitch> {
    const made = new TcpSwitch(ports);
    await new Promise<void>((resolve, reject) => {
      made.#server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
    return made;
  }

  set isOther(isOther: boolean) {
    if (isOther === this.#isOther) return;
    this.#isOther = isOther;
    for (const socket of this.#open) socket.destroy();
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#open) socket.destroy();
  }

  #relay(socket: Socket): void {
    const { real, other } = this.#ports;
    if (this.#isOther) this.misled++;
    const onward = connect(this.#isOther ? other : real, '127.0.0.1');
    for (const [one, peer] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      this.#open.add(one);
      one.on('error', () => peer.destroy());
      one.on('close', () => {
        this.#open.delete(one);
        peer.destroy();
      });
      one.pipe(peer);
    }
  }
}

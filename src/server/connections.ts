import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server, Socket } from 'node:net';

/**
 * Connections at once. Who comes when there are as many takes the place of the one that has been waiting longest without a
 * request: thousands that say nothing, or say it slowly, push out each other, and nobody who asks something.
 */
export class Connections {
  readonly #most: number;
  readonly #sockets = new Set<Socket>();
  /** By far address and port; those without a request first, the longest waiting first of all. */
  readonly #idle = new Map<string, Socket>();
  readonly #busy = new Set<string>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Of a TLS server too: what it hears of is the connection below. */
  watch(server: Pick<Server, 'on'>): void {
    server.on('connection', (socket: Socket) => this.#open(socket));
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const key = keyOf(request.socket);
      const socket = this.#idle.get(key);
      if (!socket) return;
      this.#idle.delete(key);
      this.#busy.add(key);
      response.once('close', () => {
        if (this.#busy.delete(key) && !socket.destroyed) this.#idle.set(key, socket);
      });
    });
  }

  /** Ends all of them, those too that have not come as far as to say something, or to agree on TLS. */
  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #open(socket: Socket): void {
    const key = keyOf(socket);
    this.#sockets.add(socket);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.#idle.delete(key);
      this.#busy.delete(key);
    });
    if (this.#idle.size + this.#busy.size >= this.#most) {
      const [longest] = this.#idle;
      if (!longest) {
        socket.destroy();
        return;
      }
      this.#idle.delete(longest[0]);
      longest[1].destroy();
    }
    this.#idle.set(key, socket);
  }
}

const keyOf = ({ remoteAddress, remotePort }: Pick<Socket, 'remoteAddress' | 'remotePort'>): string =>
  `${remoteAddress ?? ''} ${remotePort ?? 0}`;

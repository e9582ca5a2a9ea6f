import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InputError } from '../../sources/input-error.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Who asks for metrics asks every few seconds: more at once are no scrapes. */
const MOST_CONNECTIONS = 32;
const MOST_HEADER_BYTES = 8192;
const PATIENCE = 5000;

/**
 * Answers GET and HEAD of /metrics with what `text` gives, anything else with 404 or 405. Resolves once it listens.
 * Throws InputError where it cannot.
 */
export async function serveMetrics(
  { host, port }: Address,
  type: string,
  text: () => Promise<string>,
): Promise<{ readonly address: Address; close(): Promise<void> }> {
  const server = createServer(
    {
      maxHeaderSize: MOST_HEADER_BYTES,
      headersTimeout: PATIENCE,
      requestTimeout: PATIENCE,
      keepAliveTimeout: PATIENCE,
    },
    (request, response) => void answer(request, response, type, text),
  );
  server.maxConnections = MOST_CONNECTIONS;
  server.timeout = 2 * PATIENCE;
  await listen(server, { host, port });
  const bound = server.address();
  return {
    address: isNet(bound) ? { host: bound.address, port: bound.port } : { host, port },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const isNet = (address: ReturnType<Server['address']>): address is AddressInfo =>
  typeof address === 'object' && address !== null;

async function listen(server: Server, { host, port }: Address): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why = WORDS[cause.code ?? ''] ?? `cannot be listened on: ${cause.message}`;
      reject(new InputError(`${host}:${port}`, why, 'give another address to --listen', { cause }));
    });
    server.listen({ host, port }, resolve);
  });
}

const WORDS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use already',
  EADDRNOTAVAIL: 'is no address of this host',
  EACCES: 'may not be used by this user',
  ENOTFOUND: 'is no address',
};

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  type: string,
  text: () => Promise<string>,
): Promise<void> {
  request.resume();
  const path = (request.url ?? '').replace(/[?#].*$/s, '');
  if (path !== '/metrics') return send(response, 404, 'text/plain', 'only /metrics is here\n');
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    return send(response, 405, 'text/plain', 'only GET and HEAD\n');
  }
  const body = await text();
  send(response, 200, type, body, request.method === 'HEAD');
}

function send(response: ServerResponse, status: number, type: string, body: string, head = false): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
  });
  response.end(head ? undefined : body);
}

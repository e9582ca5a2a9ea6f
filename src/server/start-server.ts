import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { getConnInfo } from '@hono/node-server/conninfo';
import { Hono, type Context } from 'hono';
import { checkedSymbols } from '../pipeline/core/given-files.ts';
import { ledgerTrouble, openServerFolder } from '../pipeline/serve/ledger.ts';
import { controlAccess } from './access.ts';
import { addRoutes } from './app.ts';
import { Connections } from './connections.ts';
import { DumpDesk } from './dump-desk.ts';
import { FleetReader } from './fleet-reader.ts';
import { HostTrends } from './host-trends.ts';
import { Hosts } from './hosts.ts';
import { Jobs } from './jobs.ts';
import { KeptDumps } from './kept-dumps.ts';
import { untilListening } from './listen.ts';
import { PushTokens } from './push-tokens.ts';
import type { ScrapeTargets } from './scrape-targets.ts';
import { OfferedFiles } from './offered-files.ts';
import { Scraper } from './scraper.ts';
import { StoreTrouble } from './store-trouble.ts';
import { tidyNowAndThen } from './tidy.ts';
import { Uploads } from './uploads.ts';

export interface ServerOptions {
  readonly address: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Folder of the database and of uploads. */
  readonly data: string;
  readonly token?: string;
  /** A file with tokens that push for one host each. */
  readonly pushTokens?: string;
  readonly tls?: { readonly cert: string; readonly key: string };
  /** A proxy in front does TLS: the address of who asks stands in X-Forwarded-For, whose last entry it wrote. */
  readonly behindProxy?: boolean;
  /** Names under which it is asked for. */
  readonly names?: readonly string[];
  /** A metrics server for the fleet's page, and its token. */
  readonly metrics?: string;
  readonly metricsToken?: string;
  /** Hosts that run kleak export, and how often they are read, in milliseconds. */
  readonly scrape?: { readonly targets: ScrapeTargets; readonly every: number };
  readonly mostUpload?: number;
  /** Folders of the server whose files may be diagnosed where they lie. */
  readonly files?: readonly string[];
  /** Files with symbols or types of kernels whose dumps lack their own. */
  readonly symbols?: readonly string[];
  /** Milliseconds that a slow upload is waited for. */
  readonly patience?: number;
  readonly perMinute?: number;
  /** Documents are shown and given away without what names a host. */
  readonly redact?: boolean;
}

export interface RunningServer {
  readonly url: string;
  close(): Promise<void>;
}

const GIB = 2 ** 30;
/** Connections at once; a browser takes six. */
const MOST_CONNECTIONS = 2000;
/** Milliseconds. A dump takes its time; that it comes at all is watched by the upload. */
const PATIENCE = {
  headersTimeout: 10_000,
  requestTimeout: 3_600_000,
  keepAliveTimeout: 10_000,
  connectionsCheckingInterval: 2000,
};

/** Starts the server and resolves when it listens. Throws InputError where its database or a folder cannot be used. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const {
    address,
    port,
    data,
    token,
    tls,
    behindProxy = false,
    names = [],
    mostUpload = 8 * GIB,
    patience = 30_000,
  } = options;
  const tell = (line: string): void => void process.stderr.write(`kleak serve: ${JSON.stringify(line).slice(1, -1)}\n`);
  const tokens = {
    ...(token !== undefined && { token }),
    ...(options.pushTokens !== undefined && {
      pushTokens: new PushTokens(options.pushTokens, { tell, ...(token !== undefined && { main: token }) }),
    }),
  };
  const symbols = checkedSymbols(options.symbols);
  const offered = new OfferedFiles(options.files);
  const folder = openServerFolder(data);
  const { store: ledger, file } = folder;
  const trouble = new StoreTrouble(tell);
  const listeners = new Set<(host: string) => void>();
  const hosts = new Hosts(ledger, file, (host) => {
    for (const listener of listeners) listener(host);
  });
  const jobs = new Jobs(1);
  const desk = new DumpDesk({ symbols });
  const fleet = new FleetReader(options.metrics, options.metricsToken);
  const trends = new HostTrends(file, (host) => {
    for (const listener of listeners) listener(host);
  });
  const uploads = new Uploads(join(data, 'uploads'), { most: mostUpload, mostKept: 4 * mostUpload, patience });
  const dumps = new KeptDumps({ ledger, desk, uploads, trouble });
  await uploads.clear(ledger.dumps().map((dump) => dump.file));
  const addressOf = (c: Context): string => {
    const forwarded = behindProxy ? c.req.header('x-forwarded-for')?.split(',').at(-1)?.trim() : undefined;
    return forwarded ?? getConnInfo(c).remote.address ?? 'unknown';
  };
  const app = new Hono();
  app.use(controlAccess({ names, perMinute: options.perMinute ?? 1200, ...tokens }, addressOf));
  addRoutes(app, {
    ledger,
    trouble,
    hosts,
    listeners,
    jobs,
    desk,
    dumps,
    trends,
    uploads,
    offered,
    symbols,
    fleet,
    redact: options.redact === true,
    secure: tls !== undefined || behindProxy,
    addressOf,
    ...tokens,
  });
  app.onError((cause, c) => {
    const why = ledgerTrouble(cause);
    if (why !== undefined) {
      trouble.note(why);
      return c.text(`the server’s database cannot be used: ${why}\n`, 503);
    }
    process.stderr.write(`kleak serve: a bug in kleak, please report it: ${JSON.stringify(cause.message)}\n`);
    return c.text('something went wrong; the server’s log says what\n', 500);
  });
  const server = serve({
    fetch: app.fetch,
    hostname: address,
    port,
    ...(tls
      ? { createServer: createTlsServer, serverOptions: { ...PATIENCE, ...tls } }
      : { createServer, serverOptions: PATIENCE }),
  });
  const connections = new Connections(MOST_CONNECTIONS);
  connections.watch(server);
  const shown = address.includes(':') ? `[${address}]` : address;
  const bound = await untilListening(server, `${shown}:${port}`).catch((cause: unknown) => {
    dumps.close();
    folder.close();
    throw cause;
  });
  fleet.begin();
  const stopTidying = tidyNowAndThen(ledger, trouble, tell);
  const scraper =
    options.scrape &&
    new Scraper(options.scrape.targets, ledger, {
      every: options.scrape.every,
      tell,
      trouble,
      changed: (host) => {
        for (const listener of listeners) listener(host);
      },
    });
  return {
    url: `${tls ? 'https' : 'http'}://${shown}:${bound ?? port}`,
    close: async () => {
      stopTidying();
      await scraper?.close();
      fleet.close();
      jobs.close();
      desk.close();
      dumps.close();
      trends.close();
      const closed = new Promise((resolve) => server.close(resolve));
      connections.close();
      await closed;
      await hosts.close();
      folder.close();
    },
  };
}

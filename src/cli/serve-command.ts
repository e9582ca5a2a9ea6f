import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { InputError } from '../pipeline/errors.ts';
import type { ServerOptions } from '../server/start-server.ts';
import { symbolsOption } from './core/with-session.ts';
import { durationOption } from './duration.ts';
import { readGiven, readToken } from './given-secret.ts';

interface Options {
  readonly listen: string;
  readonly data?: string;
  readonly tokenFile?: string;
  readonly pushTokens?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly behindProxy?: boolean;
  readonly name?: readonly string[];
  readonly metrics?: string;
  readonly metricsTokenFile?: string;
  readonly redact?: boolean;
  readonly scrape?: readonly string[];
  readonly scrapeFile?: string;
  readonly files?: readonly string[];
  readonly symbols?: readonly string[];
  /** Seconds. */
  readonly scrapeEvery: number;
}

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

/** `kleak serve`. */
export function addServe(program: Command): void {
  symbolsOption(program.command('serve'))
    .summary('a web interface: hosts that push, uploads, diagnoses, the fleet')
    .description(
      'Serves pages on loopback, from one SQLite file. Another address wants a token, and TLS or a proxy that does it.',
    )
    .option('--listen <address>', 'HOST:PORT', '127.0.0.1:7474')
    .option('--data <folder>', 'where it keeps what it knows (default: the state folder)')
    .option('--token-file <file>', 'a file with the token that everyone has to give')
    .option(
      '--push-tokens <file>',
      'lines HOST TOKEN: who has one can push for that host, and nothing else; may change',
    )
    .option('--tls-cert <file>', 'a certificate, PEM')
    .option('--tls-key <file>', 'its key, PEM')
    .option('--behind-proxy', 'a proxy in front does TLS and says who asks (X-Forwarded-For)')
    .option('--name <name...>', 'a host name under which it is asked for')
    .option('--metrics <url>', 'a Prometheus, or what speaks like it, for the page of the fleet')
    .option('--metrics-token-file <file>', 'a file with the token that it wants')
    .option('--redact', 'show and give away diagnoses without names of hosts, users and files')
    .option('--files <folder...>', 'folders of snapshots and dumps that may be diagnosed where they lie')
    .option('--scrape <address...>', 'read a host that runs kleak export: [NAME=]HOST:PORT, or its whole address')
    .option('--scrape-file <file>', 'addresses to read, a line each; may change while it runs')
    .addOption(
      durationOption('--scrape-every <time>', 'from one reading of a host to the next', {
        preset: '30s',
        least: 1,
        most: 86_400,
      }),
    )
    .action(async (given: Options) => {
      const { startServer } = await import('../server/start-server.ts');
      const [address, port] = readListen(given.listen);
      const token = given.tokenFile === undefined ? undefined : readMainToken(given.tokenFile);
      const tls = await tlsOf(given);
      checkReach(given, address, token !== undefined && (tls !== undefined || given.behindProxy === true));
      const server = await startServer({
        address,
        port,
        data: given.data ?? defaultFolder(),
        ...(token !== undefined && { token }),
        ...(given.pushTokens !== undefined && { pushTokens: given.pushTokens }),
        ...(tls && { tls }),
        behindProxy: given.behindProxy === true,
        names: given.name ?? [],
        redact: given.redact === true,
        files: given.files ?? [],
        symbols: given.symbols ?? [],
        ...(await scrapeOf(given)),
        ...(given.metrics !== undefined && { metrics: given.metrics }),
        ...(given.metricsTokenFile !== undefined && {
          metricsToken: readToken(given.metricsTokenFile, '--metrics-token-file'),
        }),
      });
      process.stderr.write(`kleak serve: ${server.url}\n`);
      await new Promise<void>((resolve) => {
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
      });
      await server.close();
    });
}

async function scrapeOf({ scrape, scrapeFile, scrapeEvery }: Options): Promise<Pick<ServerOptions, 'scrape'>> {
  if (scrape === undefined && scrapeFile === undefined) return {};
  const { ScrapeTargets } = await import('../server/scrape-targets.ts');
  return { scrape: { targets: new ScrapeTargets(scrape ?? [], scrapeFile), every: scrapeEvery * 1000 } };
}

function readListen(listen: string): readonly [string, number] {
  const [, host, port] = /^(\[[\da-f:]+\]|[^:]+):(\d{1,5})$/i.exec(listen) ?? [];
  if (host === undefined || Number(port) > 65_535)
    throw new InputError(listen, 'not an address with a port', 'give HOST:PORT, as 127.0.0.1:7474');
  return [host.replace(/^\[|\]$/g, ''), Number(port)];
}

function checkReach({ metrics, listen }: Options, address: string, isGuarded: boolean): void {
  if (metrics !== undefined && !/^https?:$/.test(URL.parse(metrics)?.protocol ?? ''))
    throw new InputError(metrics, 'not the address of a metrics server', 'give http://HOST:PORT or https://…');
  if (!LOOPBACK.has(address) && !isGuarded)
    throw new InputError(
      listen,
      'is not loopback',
      'give --token-file, and --tls-cert with --tls-key, or --behind-proxy',
    );
}

/** Both are tried here, so that a wrong one is told by its name. */
async function tlsOf({ tlsCert, tlsKey }: Options): Promise<ServerOptions['tls']> {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined)
    throw new InputError(tlsCert ?? tlsKey ?? '', 'half of what TLS needs', 'give --tls-cert and --tls-key');
  const [cert, key] = [readGiven(tlsCert, '--tls-cert'), readGiven(tlsKey, '--tls-key')];
  const { createSecureContext } = await import('node:tls');
  const attempt = (file: string, options: Parameters<typeof createSecureContext>[0], remedy: string): void => {
    try {
      createSecureContext(options);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message.replace(/^error:\w+:/, '') : String(cause);
      throw new InputError(file, `cannot be used for TLS (${why})`, remedy, { cause });
    }
  };
  attempt(tlsCert, { cert }, 'give --tls-cert a certificate in PEM, with its chain');
  attempt(tlsKey, { key }, 'give --tls-key its key in PEM, without a passphrase');
  attempt(tlsKey, { cert, key }, 'give --tls-key the key of that very certificate');
  return { cert, key };
}

function readMainToken(file: string): string {
  const token = readToken(file, '--token-file');
  if (token.length < 16)
    throw new InputError(file, 'a token of fewer than 16 characters', 'openssl rand -hex 32 makes one');
  return token;
}

function defaultFolder(env: NodeJS.ProcessEnv = process.env): string {
  const given = env['STATE_DIRECTORY']?.split(':')[0] ?? '';
  if (given !== '') return given;
  if (process.getuid?.() === 0) return '/var/lib/kleak/serve';
  const state = env['XDG_STATE_HOME'] ?? '';
  return join(state.startsWith('/') ? state : join(homedir(), '.local/state'), 'kleak/serve');
}

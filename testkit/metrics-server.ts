import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, mkdtempSync, openAsBlob, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** A metrics server of its own, on loopback, filled and removed again. */
export interface MetricsServer extends AsyncDisposable {
  readonly url: string;
}

const WAIT = 60_000;
export const hasPrometheus: boolean = has('prometheus') && has('promtool');
export const hasVictoria: boolean = has('victoria-metrics');

/** Debian's package prometheus. `lines` is OpenMetrics text. */
export async function startPrometheus(lines: Iterable<string>): Promise<MetricsServer> {
  const folder = mkdtempSync(join(tmpdir(), 'kleak-prometheus-'));
  const data = join(folder, 'data');
  mkdirSync(data);
  const input = join(folder, 'metrics.txt');
  await pipeline(lines, createWriteStream(input));
  // Blocks of two hours, as it makes them else, are 360 for a month; each costs time in every query.
  const made = spawnSync(
    'promtool',
    ['tsdb', 'create-blocks-from', '--max-block-duration=744h', 'openmetrics', input, data],
    { encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`promtool: ${made.stderr.slice(0, 500)}`);
  rmSync(input);
  writeFileSync(join(folder, 'prometheus.yml'), 'scrape_configs: []\n');
  const port = await freePort();
  const child = spawn(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${data}`,
      '--storage.tsdb.retention.time=10y',
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  );
  return served(child, `http://127.0.0.1:${port}`, '/-/ready', folder);
}

/** Debian's package victoria-metrics. */
export async function startVictoria(lines: Iterable<string>): Promise<MetricsServer> {
  const folder = mkdtempSync(join(tmpdir(), 'kleak-victoria-'));
  const port = await freePort();
  const child = spawn(
    'victoria-metrics',
    [
      `-storageDataPath=${join(folder, 'data')}`,
      `-httpListenAddr=127.0.0.1:${port}`,
      '-retentionPeriod=10y',
      '-search.latencyOffset=0s',
    ],
    { stdio: 'ignore' },
  );
  const server = await served(child, `http://127.0.0.1:${port}`, '/health', folder);
  const input = join(folder, 'metrics.txt');
  // Its import takes milliseconds where OpenMetrics has seconds.
  await pipeline(inMilliseconds(lines), createWriteStream(input));
  const put = await fetch(`${server.url}/api/v1/import/prometheus`, { method: 'POST', body: await openAsBlob(input) });
  if (!put.ok) throw new Error(`import: ${put.status} ${await put.text()}`);
  await fetch(`${server.url}/internal/force_flush`);
  return server;
}

function* inMilliseconds(lines: Iterable<string>): Generator<string> {
  for (const part of lines) if (!part.startsWith('#')) yield part.replaceAll(/ (\d+)\n/g, ' $1000\n');
}

async function served(child: ChildProcess, url: string, ready: string, folder: string): Promise<MetricsServer> {
  const stop = async (): Promise<void> => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    if (child.exitCode === null && child.kill()) await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  for (const start = Date.now(); Date.now() - start < WAIT; await new Promise((resolve) => setTimeout(resolve, 100))) {
    const answer = await fetch(url + ready).catch(() => undefined);
    if (answer?.ok === true) return { url, [Symbol.asyncDispose]: stop };
    if (child.exitCode !== null) break;
  }
  await stop();
  throw new Error(`${url} did not get ready`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

function has(program: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(join(folder, program)));
}

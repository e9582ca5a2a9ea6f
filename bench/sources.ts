/**
 * Measures how fast inputs are read: one long file of samples as OSWatcher keeps them, and a thousand folders of small
 * files. `node bench/sources.ts [MEGABYTES]`; prints MB/s and the peak of resident memory.
 */
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { textFormats } from '../src/formats/catalog.ts';
import { openInput } from '../src/sources/open.ts';
import { readSightings } from '../src/sources/read-sightings.ts';

const MB = 1e6;
const megabytes = Number(process.argv[2] ?? 1000);
const fixture = (path: string): string => readFileSync(join(import.meta.dirname, '../fixtures/proc', path), 'utf8');
const meminfo = fixture('meminfo/6.1-slub.txt');
const slabinfo = fixture('slabinfo/6.1-slub.txt');

/** One sample, with counters that move, so that nothing can be remembered from the last. */
const sample = (n: number): string =>
  `zzz ***Mon Nov 10 ${String(Math.floor(n / 60) % 24).padStart(2, '0')}:${String(n % 60).padStart(2, '0')}:00 UTC 2025\n` +
  meminfo.replace(/(MemFree: +)\d+/, `$1${100_000 + (n % 1000)}`) +
  slabinfo.replace(/(kmalloc-128 +)\d+/, `$1${1000 + n}`);

function writeSeries(file: string): number {
  const fd = openSync(file, 'w');
  let bytes = 0;
  for (let n = 0; bytes < megabytes * MB; n++) bytes += writeSync(fd, sample(n));
  closeSync(fd);
  return bytes;
}

function writeFolders(root: string): number {
  let bytes = 0;
  for (let folder = 0; folder < 1000; folder++) {
    mkdirSync(join(root, String(folder)), { recursive: true });
    for (let file = 0; file < 15; file++) {
      const text = file === 0 ? meminfo : slabinfo.slice(0, 4000);
      writeFileSync(join(root, String(folder), `file-${file}`), text);
      bytes += text.length;
    }
  }
  return bytes;
}

async function measure(what: string, input: string, bytes: number): Promise<void> {
  const start = performance.now();
  let files = 0;
  let sightings = 0;
  let unread = 0;
  for await (const file of openInput(input, {}, () => unread++)) {
    files++;
    for await (const _ of readSightings(file, textFormats)) sightings++;
  }
  const seconds = (performance.now() - start) / 1000;
  const peak = process.resourceUsage().maxRSS / 1024;
  process.stdout.write(
    `${what}: ${(bytes / MB).toFixed(0)} MB in ${seconds.toFixed(2)} s, ${(bytes / MB / seconds).toFixed(0)} MB/s, ` +
      `${files} files, ${sightings} blocks, ${unread} unread, peak ${peak.toFixed(0)} MiB resident\n`,
  );
}

const root = mkdtempSync(join(tmpdir(), 'kleak-bench-'));
try {
  const folders = join(root, 'folders');
  await measure('1,000 folders of 15 files', folders, writeFolders(folders));
  const series = join(root, 'series.txt');
  await measure('one file of samples', series, writeSeries(series));
} finally {
  rmSync(root, { recursive: true, force: true });
}

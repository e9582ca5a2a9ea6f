import { once } from 'node:events';
import { cpSync, createWriteStream, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack, type Pack } from 'tar-stream';
import { growingTables, type GrowingTables } from './growing-tables.ts';

const capture = join(import.meta.dirname, '../fixtures/captures/healthy/end');
const START = Date.UTC(2025, 10, 3) / 1000;

/** Folders of /proc files, one a minute, as one would collect them in a loop; gives them oldest first. */
export function writeSeries(root: string, count: number): readonly string[] {
  const tables = growingTables(400);
  return Array.from({ length: count }, (_, i) => {
    const folder = join(root, `snapshot-${String(i).padStart(4, '0')}`);
    mkdirSync(root, { recursive: true });
    cpSync(capture, folder, { recursive: true });
    const at = START + i * 60;
    for (const [name, text] of [
      ['meminfo', tables.meminfo(i)],
      ['slabinfo', tables.slabinfo(i)],
      ['uptime', `${1000 + i * 60}.00 ${2000 + i * 60}.00\n`],
    ] as const) {
      writeFileSync(join(folder, name), text);
      utimesSync(join(folder, name), at, at);
    }
    return folder;
  });
}

/** Seconds between samples, and samples in one file, as OSWatcher keeps them by default. */
const INTERVAL = 30;
const PER_FILE = 3600 / INTERVAL;

/**
 * An archive as OSWatcher leaves it: a file an hour of meminfo and one of slabinfo, every sample behind its `zzz ***`
 * line, until there are `bytes` of text. Gives how many there are.
 */
export async function writeArchive(file: string, bytes: number): Promise<number> {
  const archive = pack();
  const written = pipeline(archive, createGzip({ level: 1 }), createWriteStream(file));
  const text = await addHours(archive, growingTables(4), bytes);
  archive.finalize();
  await written;
  return text;
}

async function addHours(archive: Pack, tables: GrowingTables, bytes: number): Promise<number> {
  let text = 0;
  for (let hour = 0; text < bytes; hour++) {
    const at = new Date((START + hour * 3600) * 1000);
    const [year = '', month = '', day = ''] = at.toISOString().slice(0, 10).split('-');
    const stamp = `${year.slice(2)}.${month}.${day}.${String(at.getUTCHours()).padStart(2, '0')}00`;
    for (const kind of ['meminfo', 'slabinfo'] as const) {
      const content = hourOf(kind, tables, hour);
      text += content.length;
      const name = `archive/osw${kind}/db1_${kind}_${stamp}.dat`;
      if (!archive.entry({ name, mtime: at }, content)) await once(archive, 'drain');
    }
  }
  return text;
}

function hourOf(kind: keyof GrowingTables, tables: GrowingTables, hour: number): Buffer {
  const samples = Array.from({ length: PER_FILE }, (_, i) => {
    const sample = hour * PER_FILE + i;
    return `zzz ***${dateLine(START + sample * INTERVAL)}\n${tables[kind](sample)}`;
  });
  return Buffer.from(samples.join(''), 'latin1');
}

/** As date(1) prints it: `Mon Nov 3 00:00:30 UTC 2025`. */
function dateLine(seconds: number): string {
  const [weekday = '', day = '', month = '', year = '', time = ''] = new Date(seconds * 1000).toUTCString().split(' ');
  return `${weekday.slice(0, 3)} ${month} ${Number(day)} ${time} UTC ${year}`;
}

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeHost } from '../../../testkit/host-tree.ts';
import { scratch, writeTree } from '../../../testkit/read-input.ts';
import type { Sample } from '../../model/sample.ts';
import { bytes, seconds } from '../../base/units.ts';
import { Exporter } from './exporter.ts';
import { GrowingCaches } from './growing-caches.ts';
import { serveMetrics } from './serve-metrics.ts';
import { writeTextfile } from './write-textfile.ts';

const folder = scratch();
const never = new AbortController().signal;
const exporterOf = (root: string, told: string[] = [], lookEvery = 0): Exporter =>
  new Exporter({ root, interval: 1000, lookEvery, window: 86_400, version: '0', tell: (line) => told.push(line) });

describe('what is exported', () => {
  it('is the equation, the verdict and the versions of the host', async () => {
    const exporter = exporterOf(writeHost(join(folder, 'host')));
    expect(exporter.metrics.memory).toBeUndefined();
    await exporter.turn(never);
    const { memory, verdict, drivers, packages, sampling, kernelRelease, meminfo } = exporter.metrics;
    expect(sampling).toMatchObject({ samples: 1, failures: 0 });
    const sum = memory?.buckets.reduce((all, b) => all + b.bytes, memory.unexplained ?? 0) ?? 0;
    expect(Math.abs(sum / (memory?.total ?? 0) - 1)).toBeLessThan(0.01);
    expect(memory?.unexplainedLow).toBeLessThanOrEqual(memory?.unexplained ?? 0);
    expect(meminfo.get('MemTotal')).toBe(memory?.total);
    expect(verdict?.layer).toBe('page-allocator');
    expect(verdict?.findings.length).toBeGreaterThan(0);
    expect(drivers).toContainEqual({ name: 'i40e', version: '2.3.6' });
    expect(packages).toContainEqual({ name: 'curl', version: '7.76.1-29.el9' });
    expect(kernelRelease).toMatch(/^6\./);
  }, 30_000);

  it('looks at the host again, and the looks together give the rate', async () => {
    const root = writeHost(join(folder, 'grows'), 'start');
    const exporter = exporterOf(root);
    await exporter.turn(never);
    expect(exporter.metrics.verdict?.bytesPerSecond).toBeUndefined();
    writeHost(root, 'end');
    await exporter.turn(never);
    const { verdict } = exporter.metrics;
    expect([verdict?.verdict, verdict?.layer]).toEqual(['growth', 'page-allocator']);
    expect(verdict?.bytesPerSecond?.value).toBeGreaterThan(0);
  }, 30_000);

  it('names growing caches and no others, of 5,000', async () => {
    const root = writeHost(join(folder, 'many'));
    const exporter = exporterOf(root, [], 86_400_000);
    for (let turn = 0; turn < 8; turn++) {
      writeTree(root, { 'proc/slabinfo': slabinfo(5000, turn), 'proc/uptime': `${1000 + turn * 60}.00 1.00\n` });
      await exporter.turn(never);
    }
    const { growing, cachesWatched } = exporter.metrics;
    expect(cachesWatched).toBeGreaterThan(500);
    expect(growing.map((g) => g.cache).toSorted()).toEqual(['made-3', 'made-7']);
    expect(growing[0]?.bytesPerSecond.low).toBeGreaterThan(0);
  }, 30_000);

  it('goes on where the host gives nothing for a while, and says so once', async () => {
    const root = writeHost(join(folder, 'gone'));
    const told: string[] = [];
    const exporter = exporterOf(root, told);
    await exporter.turn(never);
    const whole = readFileSync(join(root, 'proc/uptime'));
    rmSync(join(root, 'proc/uptime'));
    await exporter.turn(never);
    await exporter.turn(never);
    expect(exporter.metrics.sampling).toMatchObject({ samples: 1, failures: 2 });
    expect(exporter.metrics.memory).toBeDefined();
    expect(told.filter((line) => line.includes('it gives the time since boot'))).toHaveLength(1);
    writeFileSync(join(root, 'proc/uptime'), whole);
    await exporter.turn(never);
    expect(exporter.metrics.sampling).toMatchObject({ samples: 2, failures: 2 });
  }, 30_000);
});

describe('growing caches', () => {
  const feed = (caches: GrowingCaches, points: readonly (readonly [number, number])[], boot = 'a'): void => {
    for (const [at, held] of points) caches.add(sampleOf(at, held, boot));
  };
  const MB = 1024 * 1024;

  it('rise; a burst, a swing and two readings do not count', () => {
    const seriesOf = (value: (i: number) => number): readonly (readonly [number, number])[] =>
      Array.from({ length: 20 }, (_, i) => [i * 60, value(i) * MB]);
    for (const [name, value, grows] of [
      ['rises', (i: number) => 10 + i, true],
      ['rests', () => 10, false],
      ['swings', (i: number) => 10 + 5 * (i % 2), false],
      ['jumped once', (i: number) => (i < 10 ? 10 : 20), false],
      ['falls', (i: number) => 50 - i, false],
    ] as const) {
      const caches = new GrowingCaches(86_400);
      feed(caches, seriesOf(value));
      expect([name, caches.growing(2 ** 30).length > 0]).toEqual([name, grows]);
    }
    const two = new GrowingCaches(86_400);
    feed(two, [
      [0, 10 * MB],
      [3600, 500 * MB],
    ]);
    expect(two.growing(2 ** 30)).toEqual([]);
  });

  it('are forgotten with the boot, and are measured over the window only', () => {
    const caches = new GrowingCaches(3600);
    feed(
      caches,
      Array.from({ length: 300 }, (_, i) => [i * 60, (10 + i) * MB] as const),
    );
    expect(caches.growing(2 ** 30)[0]?.bytesPerSecond.value).toBeCloseTo(MB / 60, 0);
    feed(
      caches,
      Array.from({ length: 70 }, (_, i) => [18_000 + i * 60, 309 * MB] as const),
    );
    expect(caches.growing(2 ** 30)).toEqual([]);
    feed(caches, [[5, MB]], 'b');
    expect(caches.followed).toBe(1);
  });
});

describe('the endpoint', () => {
  it('answers GET and HEAD of /metrics and nothing else, and no scrape starts anything', async () => {
    let asked = 0;
    const served = await serveMetrics({ host: '127.0.0.1', port: 0 }, 'text/plain', () => {
      asked++;
      return Promise.resolve('kleak 1\n');
    });
    const { address } = served;
    const ask = (method: string, path: string): Promise<readonly [number | undefined, string]> =>
      new Promise((resolve, reject) => {
        request({ ...address, method, path }, (response) => {
          let body = '';
          response.setEncoding('utf8').on('data', (part: string) => (body += part));
          response.on('end', () => resolve([response.statusCode, body]));
        })
          .on('error', reject)
          .end();
      });
    try {
      expect(await ask('GET', '/metrics')).toEqual([200, 'kleak 1\n']);
      expect(await ask('GET', '/metrics?collect[]=x')).toEqual([200, 'kleak 1\n']);
      expect(await ask('HEAD', '/metrics')).toEqual([200, '']);
      expect((await ask('POST', '/metrics'))[0]).toBe(405);
      expect((await ask('GET', '/'))[0]).toBe(404);
      expect((await ask('GET', '/metrics/../../etc/passwd'))[0]).toBe(404);
      expect(asked).toBe(3);
      expect(await rawAnswer(address.port, 'garbage\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
      expect(await rawAnswer(address.port, `GET /metrics HTTP/1.1\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`)).toMatch(
        / 431 /,
      );
      await expect(serveMetrics(address, 'text/plain', () => Promise.resolve(''))).rejects.toThrow(
        /^127\.0\.0\.1:\d+: is in use already; give another address to --listen$/,
      );
    } finally {
      await served.close();
    }
  });
});

describe('the textfile', () => {
  it('is there whole or not at all, and readable by others', () => {
    const file = join(folder, 'text/kleak.prom');
    mkdirSync(join(folder, 'text'));
    writeTextfile(file, 'kleak 1\n');
    writeTextfile(file, 'kleak 2\n');
    expect(readFileSync(file, 'utf8')).toBe('kleak 2\n');
    expect(statSync(file).mode & 0o777).toBe(0o644);
    expect(readdirSync(join(folder, 'text'))).toEqual(['kleak.prom']);
  });

  it('is refused in one line where it cannot be written', () => {
    expect(() => writeTextfile(join(folder, 'not/there.prom'), '')).toThrow(
      /there\.prom: cannot be written: ENOENT: no such file or directory; give another file to --textfile/,
    );
  });

  it('keeps the last whole one where the disk is full', () => {
    const out = join(folder, 'full');
    const root = writeHost(join(folder, 'full-host'));
    writeTree(out, { 'kleak.prom': 'kleak 1\n' });
    const main = join(import.meta.dirname, '../../cli/main.ts');
    const line = 'ulimit -f 1; exec "$0" "$1" export --once --root "$2" --textfile "$3"';
    const { status, stderr } = spawnSync('sh', ['-c', line, process.execPath, main, root, join(out, 'kleak.prom')]);
    expect(stderr.toString()).toMatch(/kleak\.prom: cannot be written: EFBIG/);
    expect(status).toBe(2);
    expect(readdirSync(out)).toEqual(['kleak.prom']);
    expect(readFileSync(join(out, 'kleak.prom'), 'utf8')).toBe('kleak 1\n');
  }, 60_000);
});

function sampleOf(uptime: number, held: number, boot: string): Sample {
  return {
    at: uptime * 1000,
    boot,
    uptime: seconds(uptime),
    totalBytes: bytes(2 ** 30),
    buckets: new Map(),
    caches: [{ name: 'x', bytes: bytes(held), objects: 1 }],
    processes: [],
  };
}

/** A table in which two caches grow, of which one is large. */
function slabinfo(count: number, turn: number): string {
  const rows = Array.from({ length: count }, (_, i) => {
    const slabs = i === 3 || i === 7 ? 1000 + turn * 200 * i : 20 + (i % 300);
    return `made-${i} ${slabs * 32} ${slabs * 32} 128 32 1 : tunables 0 0 0 : slabdata ${slabs} ${slabs} 0\n`;
  });
  return `slabinfo - version: 2.1\n# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>\n${rows.join('')}`;
}

function rawAnswer(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.setEncoding('utf8').on('data', (part: string) => (answer += part));
    socket.on('close', () => resolve(answer)).on('error', () => resolve(answer));
  });
}

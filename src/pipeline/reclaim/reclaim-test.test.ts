import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scratch, writeTree } from '../../../testkit/read-input.ts';
import { seededRandom } from '../../../testkit/seeded-random.ts';
import { measureReclaim, type ReclaimFacts } from '../../analysis/experiment/reclaim.ts';
import { bytes, seconds } from '../../base/units.ts';
import type { ReclaimTest } from '../../findings/reclaim-test.ts';
import type { Sample } from '../../model/sample.ts';
import { renderReclaimTest } from '../../report/reclaim-test.ts';
import { concludeReclaim, describeRows, PLAN, RISK } from './describe-reclaim.ts';
import { findObstacles } from './obstacles.ts';
import { testReclaim } from './reclaim-test.ts';

const MIB = 2 ** 20;
const TOTAL = 8 * 2 ** 30;
const folder = scratch();

interface Cache {
  readonly objects: number;
  readonly mib: number;
}

/** A host with these caches; slab and page cache follow. */
function sampleAt(
  at: number,
  pageCache: number,
  caches: Readonly<Record<string, Cache>>,
  random: () => number,
): Sample {
  const page = (mib: number): number => Math.round((mib * MIB + random() * 40_960) / 4096) * 4096;
  const listed = Object.entries(caches).map(([name, { objects, mib }]) => ({ name, objects, bytes: bytes(page(mib)) }));
  const reclaimable = listed.reduce<number>((sum, c) => sum + c.bytes, 0);
  const used = { 'slab-reclaimable': reclaimable, 'page-cache': page(pageCache), processes: page(900) };
  return {
    at: at * 1000,
    boot: 'b',
    uptime: seconds(at),
    totalBytes: bytes(TOTAL),
    buckets: new Map(Object.entries(used).map(([name, n]) => [name, bytes(n)])),
    unexplained: bytes(page(50)),
    caches: listed,
    processes: [],
  };
}

function factsOf(
  before: Readonly<Record<string, Cache>>,
  after: Readonly<Record<string, Cache>>,
  sockets = 0,
): ReclaimFacts {
  const random = seededRandom(3);
  const facts = measureReclaim(
    Array.from({ length: 10 }, (_, i) => sampleAt(100 + i, 3000, before, random)),
    Array.from({ length: 12 }, (_, i) => sampleAt(111 + i, 60, after, random)),
    109,
    sockets,
  );
  if (!facts) throw new Error('not measured');
  return facts;
}

const conclude = (...given: Parameters<typeof factsOf>): ReturnType<typeof concludeReclaim> =>
  concludeReclaim(factsOf(...given), TOTAL);

describe('what does not come back', () => {
  const many = { objects: 4_000_000, mib: 800 };

  test('reclaimable slab that comes back was cache', () => {
    const result = conclude(
      { dentry: many, ext4_inode_cache: { objects: 500_000, mib: 500 } },
      {
        dentry: { objects: 30_000, mib: 10 },
        ext4_inode_cache: { objects: 5000, mib: 6 },
      },
    );
    expect(result).toMatchObject({ verdict: 'not-a-leak', layer: 'slab-reclaimable' });
    expect((result.cameBackBytes ?? 0) / MIB).toBeCloseTo(4224, -1);
    expect(result.summary).toMatch(/^4\.1 GiB came back: that was cache\. Of 1\.3 GiB reclaimable slab 99 % came back/);
  });

  test('dentries that stay although nothing needs them are held by somebody', () => {
    const result = conclude({ dentry: many }, { dentry: { objects: 3_900_000, mib: 790 } });
    expect(result).toMatchObject({ verdict: 'growth', layer: 'slab-reclaimable' });
    expect(result.summary).toMatch(
      /of slab that is called reclaimable stayed, most in dentry \(3\.90 million objects\)/,
    );
    expect(result.next.length).toBeGreaterThan(0);
  });

  const sockets = { objects: 1_900_000, mib: 1500 };

  test('dentries of files in memory and of sockets that exist are in use, and no suspicion', () => {
    const files = { objects: 2_000_000, mib: 1600 };
    const result = conclude(
      { dentry: many, sock_inode_cache: sockets, shmem_inode_cache: files },
      { dentry: { objects: 3_900_000, mib: 790 }, sock_inode_cache: sockets, shmem_inode_cache: files },
      1_900_000,
    );
    expect(result.verdict).toBe('not-a-leak');
    expect(result.summary).toContain('belong to files in memory and sockets that exist');
  });

  test('inodes and dentries of sockets that were closed are held by somebody, and that is said', () => {
    const dentries = { objects: 1_950_000, mib: 380 };
    const result = conclude(
      { dentry: many, sock_inode_cache: sockets },
      { dentry: dentries, sock_inode_cache: sockets },
      240,
    );
    expect(result.verdict).toBe('growth');
    expect(result.summary).toContain(
      'Of 1.90 million socket inodes only 240 belong to sockets that exist: the others were closed',
    );
  });

  test('pages that a few objects keep are not taken for objects that stayed', () => {
    const facts = factsOf({ dentry: many }, { dentry: { objects: 50_000, mib: 500 } });
    expect(facts.pinned / MIB).toBeCloseTo(10, -0.5);
    const result = concludeReclaim(facts, TOTAL);
    expect(result.verdict).toBe('not-a-leak');
    expect(result.summary).toContain('are pages that a few objects keep');
  });

  test('where there was hardly any, nothing is concluded', () => {
    const result = conclude({ dentry: { objects: 50_000, mib: 10 } }, { dentry: { objects: 40_000, mib: 8 } });
    expect(result).toMatchObject({ verdict: 'inconclusive', layer: 'none' });
    expect(result.summary).toContain('is elsewhere');
  });

  test('is shown with what stayed in use, within its width, and names cannot act on the terminal', () => {
    const facts = factsOf(
      { dentry: many, 'kmalloc-rcl-\u001b[2J': { objects: 100_000, mib: 90 } },
      {
        dentry: { objects: 3_900_000, mib: 790 },
        'kmalloc-rcl-\u001b[2J': { objects: 10, mib: 1 },
      },
    );
    const document: ReclaimTest = {
      schema: 'kleak.reclaim-test/1',
      performed: true,
      steps: PLAN,
      risk: RISK,
      obstacles: [],
      at: '2026-09-14T08:00:00Z',
      ...concludeReclaim(facts, TOTAL),
      rows: describeRows(facts),
      settled: facts.settled,
      unread: [],
    };
    for (const width of [60, 80, 120]) {
      const text = renderReclaimTest(document, { width, colour: false });
      expect(text).toMatch(/^SUSPECTED LEAK {2}/);
      expect(text).not.toContain('\u001b');
      expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(width);
    }
  });
});

describe('a host that caches must not be dropped on now', () => {
  const plain = {
    'proc/sys/vm/drop_caches': '0\n',
    'proc/vmstat': 'pswpin 10\npswpout 20\n',
    'proc/pressure/memory':
      'some avg10=0.10 avg60=0.0 avg300=0.0 total=1\nfull avg10=0.00 avg60=0.0 avg300=0.0 total=1\n',
    'proc/meminfo': 'MemTotal:       1000000 kB\nMemFree:  100 kB\nMemAvailable:    600000 kB\n',
    'proc/1/environ': 'HOME=/\0TERM=linux\0',
  };
  let roots = 0;
  const obstacles = (
    files: Readonly<Record<string, string>>,
    pid = 'pid:[4026531836]',
    meanwhile?: () => void,
  ): Promise<readonly string[]> => {
    const name = `root-${++roots}`;
    writeTree(
      folder,
      Object.fromEntries(Object.entries({ ...plain, ...files }).map(([path, text]) => [join(name, path), text])),
    );
    writeTree(folder, { [join(name, 'proc/self/ns/.keep')]: '' });
    symlinkSync(pid, join(folder, name, 'proc/self/ns/pid'));
    return findObstacles(join(folder, name), () => {
      meanwhile?.();
      return Promise.resolve();
    });
  };

  test('one without pressure has no obstacle', async () => {
    expect(await obstacles({})).toEqual([]);
  });

  test('pressure, little that is available, swapping, a container: each is told with where it was seen', async () => {
    expect(await obstacles({ 'proc/pressure/memory': plain['proc/pressure/memory'].replace('0.10', '12.50') })).toEqual(
      ['memory is under pressure: tasks waited for it 12.5 % of the last 10 s (/proc/pressure/memory)'],
    );
    expect(await obstacles({ 'proc/meminfo': plain['proc/meminfo'].replace('600000', '20000') })).toEqual([
      'only 19.5 MiB are available, 2.0 % of RAM (/proc/meminfo)',
    ]);
    const swapping = (): void => {
      writeTree(folder, { [join(`root-${roots}`, 'proc/vmstat')]: 'pswpin 500\npswpout 700\n' });
    };
    expect(await obstacles({}, undefined, swapping)).toEqual([
      'the host is swapping: 1170 pages a second (/proc/vmstat)',
    ]);
    expect(await obstacles({ 'proc/1/environ': 'HOME=/\0container=lxc\0' })).toEqual([
      expect.stringMatching(/^this is a container/),
    ]);
    expect(await obstacles({}, 'pid:[4026532999]')).toEqual([expect.stringMatching(/^this is a container/)]);
  });

  test('without --yes nothing is written, and it says what it would do', async () => {
    const document = await testReclaim({
      yes: false,
      settle: 1,
      after: 1,
      interval: 1,
      signal: new AbortController().signal,
      progress: () => undefined,
      root: join(folder, 'no-such-root'),
    });
    expect(document).toMatchObject({ performed: false, verdict: 'inconclusive', steps: PLAN, risk: RISK });
    expect(document.obstacles).toEqual(['/proc/sys/vm/drop_caches is not there: this is no Linux host’s /proc']);
    expect(renderReclaimTest(document, { width: 80, colour: false })).toMatch(/^NOT DONE {2}Nothing was done/);
  });

  test('with --yes it is refused in one line where something speaks against it', async () => {
    const refused = testReclaim({
      yes: true,
      settle: 1,
      after: 1,
      interval: 1,
      signal: new AbortController().signal,
      progress: () => undefined,
      root: join(folder, 'no-such-root'),
    });
    await expect(refused).rejects.toThrow(/^reclaim-test: refused: .*; nothing was changed$/);
  });
});

import { describe, expect, it } from 'vitest';
import { cleanLines } from '../../formats/text/line.ts';
import { splitBlocks } from '../../formats/text/split.ts';
import { toolFormats } from '../../formats/tools/catalog.ts';
import type { SnapshotPart } from '../snapshot.ts';
import { gatherTools } from './tools.ts';

const gather = (text: string): SnapshotPart => gatherTools(splitBlocks(toolFormats, cleanLines(text), 'f').sightings);

describe('what tools contribute', () => {
  it('prefers exact counters to rounded ones', () => {
    const part = gather(
      'MiB Mem :  3772.1 total,  10.0 free, 10.0 used, 10.0 buff/cache\n\nMem: 3862616 1137532 1615380 680648 1867836 2725084\n',
    );
    expect(part.counters?.get('MemTotal')?.bytes).toBe(3_862_616 * 1024);
  });

  it('joins the caches of several crash commands, each cache once', () => {
    const head = 'CACHE             OBJSIZE  ALLOCATED     TOTAL  SLABS  SSIZE  NAME';
    const row = (name: string): string => `ffff893b3dcee200      128          5         8      3     4k  ${name}`;
    const part = gather(
      `crash> kmem -s a\n${head}\n${row('a')}\ncrash> kmem -s b\n${head}\n${row('b')}\n${row('b')}\ncrash> kmem -S a\n${head}\n${row('a')}\n`,
    );
    expect(part.caches?.caches).toMatchObject([
      { name: 'a', copies: 1, bytes: 12_288 },
      { name: 'b', copies: 2, objects: 10, bytes: 24_576 },
    ]);
  });

  it('keeps the sum that slabtop states, with or without its rows', () => {
    const head = ' Active / Total Size (% used)       : 90.00K / 100.00K (90.0%)';
    expect(gather(head).caches).toMatchObject({ caches: [], whole: false, stated: { used: 92_160, held: 102_400 } });
    const row = '  100   90  90%    0.12K     25       32       100K kmalloc-128';
    expect(gather(`${head}\n\n${row}`).caches).toMatchObject({
      caches: [{ name: 'kmalloc-128' }],
      stated: { held: 102_400 },
    });
  });

  it('marks differences as such, without caches that shrank', () => {
    expect(gather('size-512: 10\nscsi_cmd_cache: 20\nfilp: -5').caches).toMatchObject({
      difference: true,
      caches: [{ name: 'size-512' }, { name: 'scsi_cmd_cache', bytes: 20 }],
    });
  });

  it('resolves symbols from sym and from members, each address once', () => {
    const part = gather(
      'crash> sym ffff00000824edd8\nffff00000824edd8 (t) single_start fs/seq_file.c: 541\ncrash> struct seq_operations ffff80003a5b0000\nstruct seq_operations {\n  start = 0xffff00000824edd8 <single_start>,\n  show = 0xffff000001415218 <show_it>\n}\n',
    );
    expect(part.dumped?.symbols.map((s) => `${s.address} ${s.symbol}`)).toEqual([
      'ffff00000824edd8 single_start',
      'ffff000001415218 show_it',
    ]);
  });

  it('lists memory shown twice once', () => {
    const rd =
      'crash> rd ffff80003a5b0000 2\nffff80003a5b0000:  ffff00000824edd8 ffff00000824ee00   ..$.......$.....\n';
    expect(gather(rd + rd).dumped?.words).toHaveLength(2);
  });

  it('tells the time by the wall clock first', () => {
    const up = ' 04:00:02 up 10 min,  1 user,  load average: 0.1, 0.1, 0.1\n';
    expect(gather(up).time).toMatchObject({ seconds: 600, clock: 'boot' });
    expect(gather(`Mon Aug  4 04:00:02 UTC 2025\n${up}`).time).toMatchObject({
      seconds: 1_754_280_002,
      clock: 'epoch',
    });
  });

  it('dates the row of a table', () => {
    const table = (label: string): SnapshotPart => gather(`Time,MemFree\n${label},5 kB\n`);
    expect(table('2025-08-04 04:00:02').time).toMatchObject({ seconds: 1_754_280_002, clock: 'epoch' });
    expect(table('00:45')).toMatchObject({ time: { seconds: 2700, clock: 'file' } });
    expect(table('before')).not.toHaveProperty('time');
  });

  it('contributes nothing where nothing was seen', () => {
    expect(gather('')).toEqual({
      programs: [],
      pools: [],
      dumped: { objects: [], words: [], symbols: [], structs: [] },
    });
  });
});

import { describe, expect, it } from 'vitest';
import { exerciseFormat, readBlock } from '../../../testkit/exercise-format.ts';
import { cleanLines } from '../text/line.ts';
import { arcSummary } from './arc-summary.ts';
import { arcstat } from './arcstat.ts';
import { balloonStat } from './balloon-stat.ts';

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;
const vmmemctl = `balloon capabilities:   0x1e
used capabilities:      0x6
is resetting:           n
target:             262144 pages
current:            131072 pages
rateSleepAlloc:       2048 pages/sec
`;
const xen = `Current allocation:   1048576 kB
Requested target:     1048576 kB
Low-mem balloon:         2048 kB
High-mem balloon:        1024 kB
Driver pages:             136 kB
`;
const hyperv = `host_version : 2.0
capabilities : enabled hot_add
state : 2 (Ready)
page_size : 4096
pages_added : 0
pages_onlined : 0
pages_ballooned : 512
total_pages_committed : 100000
max_dynamic_page_count : 1000000
`;
const stat = `    time  read  miss  miss%  dmis  dm%  pmis  pm%  mmis  mm%  arcsz     c
16:02:55     5     1     20     1   20     0    0     0    0    15G   16G
16:02:56     5     1     20     1   20     0    0     0    0    14G   16G
`;
const summary = `ARC status:                                                      HEALTHY
        Memory throttle count:                                         0

ARC size (current):                                    98.9 %    7.7 GiB
        Target size (adaptive):                       100.0 %    7.8 GiB
        Min size (hard limit):                          6.2 %  498.9 MiB
        Max size (high water):                           16:1    7.8 GiB
`;

describe('balloon-stat', () => {
  it.each([
    ['# vmware-toolbox-cmd stat balloon\n5120 MB\n', 'vmw_balloon', 5120 * MIB],
    [vmmemctl, 'vmw_balloon', 131_072 * 4096],
    [xen, 'xen_balloon', 3072 * 1024],
    [hyperv, 'hv_balloon', 512 * 4096],
  ])('reads %j', (text, owner, bytes) => {
    expect(readBlock(balloonStat, text).value.pools).toMatchObject([{ id: 'balloon', owner, bytes }]);
  });

  it('needs the command above a bare size', () => {
    expect(balloonStat.claim(cleanLines('5120 MB'), 0)).toBe(0);
  });

  it('says so where the size is missing', () => {
    expect(readBlock(balloonStat, 'Current allocation:   1048576 kB\n').problems).toHaveLength(1);
  });

  exerciseFormat(balloonStat, vmmemctl);
  exerciseFormat(balloonStat, hyperv);
});

describe('the ARC of ZFS', () => {
  it('is read from the last row of arcstat', () => {
    expect(readBlock(arcstat, stat).value.pools).toMatchObject([
      { id: 'zfs-arc', bytes: 14 * GIB, limit: 16 * GIB, at: { line: 3 } },
    ]);
  });

  it('is read from newer columns too', () => {
    const newer =
      '    time  read  ddread  ddh%  dmread  dmh%  pread  ph%   size      c  avail\n11:00:01     0       0     0       0     0      0    0   3.5G   4.0G   2.0G\n';
    expect(readBlock(arcstat, newer).value.pools).toMatchObject([{ bytes: 3.5 * GIB, limit: 4 * GIB }]);
  });

  it('is read from arc_summary, both generations', () => {
    expect(readBlock(arcSummary, summary).value.pools).toMatchObject([
      { id: 'zfs-arc', bytes: Math.round(7.7 * GIB), limit: Math.round(7.8 * GIB) },
    ]);
    const older =
      'ARC Size:                               93.20%  14.91   GiB\n\tTarget Size: (Adaptive)         100.00% 16.00   GiB\n';
    expect(readBlock(arcSummary, older.replaceAll(/ {3}GiB/g, ' GiB')).value.pools).toMatchObject([
      { bytes: Math.round(14.91 * GIB) },
    ]);
    const spl = 'SPL Memory Usage:\n  SPL slab allocated:         10,346 MB\n  SPL slab used:               8,770 MB\n';
    expect(readBlock(arcSummary, spl).value.pools).toMatchObject([
      { id: 'spl-slab', bytes: 10_346 * MIB, used: 8770 * MIB },
    ]);
  });

  exerciseFormat(arcstat, stat);
  exerciseFormat(arcSummary, summary);
});

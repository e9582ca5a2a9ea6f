import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exerciseFormat, fixture, readBlock } from '../../../testkit/exercise-format.ts';
import { pageOwner } from './page-owner.ts';

const real = fixture('detectors/page_owner/6.1-slab.txt');
const stack = ' post_alloc_hook+0x177/0x1a0\n get_page_from_freelist+0xd01/0xd80\n foo_refill+0x10/0x40 [foo]\n';
const entry = (head: string, notes = ''): string => `${head}\n${stack}${notes}\n`;

describe('page_owner', () => {
  it('groups a real capture by stack', () => {
    const { value, problems } = readBlock(pageOwner, real);
    expect(problems).toEqual([]);
    expect(value).toMatchObject({ detector: 'page_owner', entries: 31, cut: false });
    expect(value.groups.reduce((n, g) => n + g.count, 0)).toBe(31);
    expect(value.groups.flatMap((g) => g.samples)).toContain('256');
    expect(value.groups[0]).toMatchObject({
      area: 'pages',
      movable: false,
      processes: ['swapper/0'],
    });
  });

  it('sees where a capture was cut, and which pages are movable', () => {
    const { value } = readBlock(pageOwner, fixture('detectors/page_owner/6.1-arm64-cut.txt'));
    expect(value.cut).toBe(true);
    expect(value.groups[0]).toMatchObject({ movable: true, area: 'pages' });
  });

  it('counts blocks of higher orders with all their pages', () => {
    const text = entry(
      'Page allocated via order 3, mask 0xd2040(__GFP_IO|__GFP_NOWARN), pid 7, tgid 7 (k) x (y), ts 12 ns\nPFN 0x1be7cd type Unmovable Block 13979 type Unmovable Flags 0x17(node=0)',
    );
    expect(readBlock(pageOwner, text + text).value.groups).toMatchObject([
      {
        count: 2,
        bytes: 65_536,
        objectSize: 32_768,
        processes: ['k) x (y'],
        samples: ['0x1be7cd', '0x1be7cd'],
        movable: false,
      },
    ]);
  });

  it('reads the head lines of older kernels', () => {
    const old = entry('Page allocated via order 0, mask 0x280da\nPFN 256 Block 0 type 2 Flags referenced|uptodate');
    const middle = entry(
      'Page allocated via order 0, migratetype Movable, gfp_mask 0x24200ca(GFP_HIGHUSER_MOVABLE)\nPFN 256 type Movable Block 0 type Movable Flags 0x1f(lru)',
    );
    expect(readBlock(pageOwner, old).value.groups[0]).toMatchObject({ movable: true });
    expect(readBlock(pageOwner, middle).value.groups[0]).toMatchObject({ movable: true });
  });

  it('multiplies what page_owner_sort of older kernels summed up, and tells movable pages by the bit of the mask', () => {
    const sorted = [
      '7000 times:\nPage allocated via order 0, mask 0x202d0\n [<ffffffff81001111>] __alloc_pages_nodemask+0x1de/0xb00\n [<ffffffffa0002222>] foo_fill+0x52/0x90 [foo]\n',
      '300 times:\nPage allocated via order 0, mask 0x280da\n [<ffffffff81003333>] handle_mm_fault+0x11bb/0x1480\n',
    ].join('\n');
    expect(readBlock(pageOwner, sorted).value.groups).toMatchObject([
      { count: 7000, bytes: 7000 * 4096, movable: false },
      { count: 300, movable: true },
    ]);
  });

  it('tells slab pages by their note and by their stack', () => {
    const head =
      'Page allocated via order 0, mask 0xcc0(GFP_KERNEL), pid 7, tgid 7 (init), ts 12 ns\nPFN 0x1 type Unmovable Block 0 type Unmovable Flags 0x0()';
    expect(
      readBlock(pageOwner, entry(head, 'Slab cache page\nCharged via objcg to memcg a/b c\n')).value.groups[0]?.area,
    ).toBe('slab');
    expect(readBlock(pageOwner, `${head}\n allocate_slab+0x1/0x2\n foo+0x1/0x2\n`).value.groups[0]?.area).toBe('slab');
    expect(readBlock(pageOwner, `${head}\n __vmalloc_node_range+0x1/0x2\n foo+0x1/0x2\n`).value.groups[0]?.area).toBe(
      'vmalloc',
    );
    expect(
      readBlock(pageOwner, entry(head, 'Page has been migrated, last migrate reason: compaction\n')).value.groups[0]
        ?.area,
    ).toBe('pages');
  });

  it('multiplies what page_owner_sort summed up', () => {
    const head =
      'Page allocated via order 1, mask 0xcc0(GFP_KERNEL), pid 7, tgid 7 (init), ts 12 ns\nPFN 0x1 type Unmovable Block 0 type Unmovable Flags 0x0()';
    const { value } = readBlock(
      pageOwner,
      `12 times, 24 pages:\n${entry(head)}3 times, 6 pages, PID 7, task_comm_name: init:\n${entry(head)}`,
    );
    expect(value).toMatchObject({ entries: 15, groups: [{ count: 15, bytes: 15 * 8192 }] });
  });

  it('says where a torn line is', () => {
    const { problems } = readBlock(
      pageOwner,
      entry('Page allocated via order 0, mask 0x280da\nPFN 256 Block 0').replace(' get_page', ' Page get'),
      'f',
    );
    expect(problems).toEqual([{ problem: 'page_owner: unreadable line', at: { kind: 'line', file: 'f', line: 4 } }]);
  });

  it('reads back what was written', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(9), fc.nat(1e9)), { minLength: 1, maxLength: 9 }), (blocks) => {
        const text = blocks
          .map(([order, pfn]) =>
            entry(`Page allocated via order ${order}, mask 0xcc0(GFP_KERNEL)\nPFN ${pfn} type x Block 0`),
          )
          .join('\n');
        const { value } = readBlock(pageOwner, text);
        expect(value.groups.reduce((n, g) => n + (g.bytes ?? NaN), 0)).toBe(
          blocks.reduce((n, [order]) => n + 2 ** order * 4096, 0),
        );
      }),
    );
  });

  exerciseFormat(pageOwner, real.slice(0, 3_000));
});

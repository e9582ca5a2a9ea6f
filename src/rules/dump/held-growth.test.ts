import { describe, expect, it } from 'vitest';
import { makeCache, makeDump, runRule, usualCaches } from '../../../testkit/facts.ts';
import { held, holding } from '../../../testkit/rule-cases/dump-things.ts';
import { series } from '../../../testkit/rule-cases/hosts.ts';
import { bytes } from '../../base/units.ts';
import type { Finding } from '../../findings/finding.ts';
import type { Holding } from '../../model/dump-facts.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { heldGrowth } from './held-growth.ts';

/** A host on which a cache grows by so many objects in each of five hours. */
const growing = (cache: string, size: number, added: number, at = 400): readonly Snapshot[] =>
  series((i) => ({ caches: [...usualCaches(), makeCache(cache, at + i * added, size)] }));
const examine = (snapshots: readonly Snapshot[], ...holdings: readonly Holding[]): readonly Finding[] =>
  runRule(heldGrowth, snapshots, makeDump({ holdings }));

const list = holding([held('kmalloc-192', 15_000, 192, { share: 0.97 })], {
  owner: { module: 'foo', function: 'foo_retry' },
});

describe('what grows and can be reached', () => {
  it('is told with its amount, its rate, the head that leads to it, its module and the function that its content names', () => {
    const [finding] = examine(growing('kmalloc-192', 192, 3000), list);
    expect(finding?.title).toBe(
      '15,000 × objects of kmalloc-192, 2.7 MiB, grow by 13.2 MiB a day, all reached through list head foo_queue of module foo (foo_retry)',
    );
    expect(finding).toMatchObject({
      verdict: 'growth',
      layer: 'slab-unreclaimable',
      objects: 15_000,
      subject: { cache: 'kmalloc-192' },
      owner: { kind: 'module', name: 'foo', function: 'foo_retry' },
      rate: { bytesPerHour: 3000 * 192 },
    });
    expect(finding?.evidence.map(({ source }) => source.kind === 'address' && source.address)).toContain(
      'ffffffffc0451000',
    );
    expect(finding?.next.map(({ command }) => command)).toEqual([
      'kleak core refs /var/crash/vmcore ffff888101000000',
      'grep -rn foo_queue .',
      'kleak core groups /var/crash/vmcore kmalloc-192',
    ]);
  });

  it('is told of a module before it is much, and of others from the size on that counts on that host', () => {
    const small = holding([held('kmalloc-96', 1200, 96)]);
    const kernels = { ...small, holder: { kind: 'symbol', symbol: 'bar_list' } } as const;
    const grown = growing('kmalloc-96', 96, 240);
    expect(examine(grown, small)).toHaveLength(1);
    expect(examine(grown, kernels)).toEqual([]);
    const much = holding([held('kmalloc-96', 2_000_000, 96)], { holder: kernels.holder });
    expect(examine(growing('kmalloc-96', 96, 400_000), much)).toMatchObject([{ verdict: 'growth' }]);
  });

  it('names the sockets and dentries behind copies of paths, by what most of it is', () => {
    const paths = holding(
      [
        held('kmalloc-64', 9000, 64),
        held('sock_inode_cache', 8971, 832, { reclaimable: true, type: 'struct socket_alloc' }),
        held('dentry', 8971, 192, { reclaimable: true, type: 'struct dentry', share: 0.44 }),
      ],
      { paths: { offset: 16, dentries: 8971, fileSystems: ['sockfs'], mount: 'ffff888100aa0020' } },
    );
    const [finding] = examine(growing('dentry', 192, 1900), paths);
    expect(finding).toMatchObject({
      layer: 'slab-reclaimable',
      subject: { cache: 'kmalloc-64', together: ['sock_inode_cache', 'dentry'] },
      owner: { name: 'foo' },
    });
    expect(finding?.title).toContain('9,000 × copies of struct path + struct socket_alloc + struct dentry');
    expect(finding?.evidence.map(({ text }) => text)).toContain(
      'each holds a struct path at +16: a mount of sockfs and a dentry; 8,971 dentries are kept so, and by nobody else',
    );
  });

  it('is nothing where the holder has too few of what was added', () => {
    const few = holding([held('kmalloc-192', 5000, 192, { share: 0.3 })]);
    expect(examine(growing('kmalloc-192', 192, 3000), few)).toEqual([]);
  });

  it('is nothing where what is held was there long before, and others share the cache', () => {
    const old = holding([held('kmalloc-192', 400_000, 192, { share: 0.5 })]);
    expect(examine(growing('kmalloc-192', 192, 3000, 800_000), old)).toEqual([]);
  });

  it('is nothing where the series rests', () => {
    expect(
      examine(
        series(() => ({})),
        list,
      ),
    ).toEqual([]);
  });

  it('is nothing where one inode keeps the nodes of its page cache, and a suspicion where a module keeps inodes', () => {
    const nodes = held('radix_tree_node', 900_000, 584, { reclaimable: true });
    const inode = { kind: 'object', cache: 'ext4_inode_cache', address: 'ffff888101000000', module: 'ext4' } as const;
    const grown = growing('radix_tree_node', 584, 180_000);
    expect(examine(grown, holding([nodes], { holder: inode }))).toEqual([]);
    expect(examine(grown, holding([nodes]))).toMatchObject([{ verdict: 'growth', layer: 'slab-reclaimable' }]);
  });

  it('names blocks of pages by their size, and takes what no counter explains for their growth', () => {
    const pages = holding([
      { of: 'pages', aliases: [], reclaimable: false, objects: 4000, bytes: bytes(4000 * 32_768), share: 1 },
    ]);
    const lost = series((i) => ({ lost: 40 + i * 25 }));
    const [finding] = examine(lost, pages);
    expect(finding).toMatchObject({ verdict: 'growth', layer: 'page-allocator', owner: { name: 'foo' } });
    expect(finding?.title).toContain('4,000 × blocks of 32.0 KiB, 125 MiB, grow by 25.0 MiB/h');
    expect(finding?.evidence.map(({ text }) => text).join()).toContain('pages that no counter explains: 40.0 MiB');
  });
});

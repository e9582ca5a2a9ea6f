import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type ByteSink, FileSink, FlattenedSink } from '../../../testkit/dump/byte-sink.ts';
import { writeElfCore } from '../../../testkit/dump/write-elf-core.ts';
import { writeKdump } from '../../../testkit/dump/write-kdump.ts';
import { vmcoreinfoNote } from '../../../testkit/dump/write-notes.ts';
import { buildKernel, type BuiltKernel, type KernelOptions } from '../../../testkit/kernel/build-kernel.ts';
import type { CoreSlabs } from '../../findings/core/core-slabs.ts';
import { coreObjects, coreSlabs } from './slabs.ts';
import { CoreSession } from './session.ts';

const folder = mkdtempSync(join(tmpdir(), 'kleak-slabs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Write = (sink: ByteSink, built: BuiltKernel) => void;

const CONTAINERS: readonly (readonly [string, Write])[] = [
  [
    'ELF core',
    (sink, { machine, note }) =>
      writeElfCore(sink, machine.physical, {
        machine: machine.plan.machine === 'aarch64' ? 183 : 62,
        notes: vmcoreinfoNote(note),
      }),
  ],
  ...(['raw', 'zlib', 'lzo', 'snappy', 'zstd'] as const).map((encoding): readonly [string, Write] => [
    `kdump, ${encoding}`,
    (sink, { machine, note }) => writeKdump(sink, machine.physical, { encoding, vmcoreinfo: note }),
  ]),
  [
    'flattened kdump',
    (sink, { machine, note }) => {
      const flattened = new FlattenedSink(sink);
      writeKdump(flattened, machine.physical, { vmcoreinfo: note });
      flattened.finish();
    },
  ],
];

/** Writes a kernel as a dump that holds all it takes, opens it, and gives what `use` makes of it. */
function opened<T>(
  built: BuiltKernel,
  use: (session: CoreSession) => T,
  write: Write = (sink, { machine, note }) => writeKdump(sink, machine.physical, { encoding: 'raw', vmcoreinfo: note }),
): T {
  const path = join(folder, 'vmcore');
  const sink = new FileSink(path);
  write(sink, built);
  sink.close();
  const session = CoreSession.open(path);
  try {
    return use(session);
  } finally {
    session.close();
  }
}

const build = (options: KernelOptions): BuiltKernel => buildKernel({ kallsyms: true, ...options });

const counts = ({ caches }: CoreSlabs): readonly unknown[] =>
  caches.map(({ name, allocated, total, slabs }) => [name, allocated, total, slabs]);

describe('the slabs of a dump that nothing but itself is needed for', () => {
  const caches = [
    { name: 'kmalloc-2k', size: 2048, order: 3, slabs: ['AAfAfAAAAAAffAAA'] },
    { name: 'kmalloc-64', size: 64, slabs: ['A'.repeat(64), 'AfA0A1A'] },
  ];

  it.each(CONTAINERS)('are counted in every container: %s', (_, write) => {
    const kernels: readonly KernelOptions[] = [
      { machine: { x86: { levels: 5 }, kaslr: 0x2000000n } },
      { machine: { machine: 'aarch64', arm64: { pageSize: 65_536, vaBits: 52, actualBits: 48 } } },
    ];
    for (const options of kernels) {
      const slabs = opened(build({ ...options, caches }), coreSlabs, write);
      expect(slabs.problems).toEqual([]);
      // The largest first; where both have as many pages, by name.
      expect(counts(slabs)).toEqual([
        ['kmalloc-2k', 12, 16, 1],
        ['kmalloc-64', 68, 71, 2],
      ]);
    }
  });

  it('have their objects in the order of memory, each with its state', () => {
    const built = build({ caches });
    const objects = opened(built, (session) => [...coreObjects(session, 'kmalloc-64')]);
    const letters = objects.map(({ state }) => state.charAt(0)).join('');
    expect(letters).toBe(built.expected['kmalloc-64']?.join(''));
    expect(objects.map(({ address }) => address)).toEqual(
      built.cache('kmalloc-64').slabs.flatMap((slab) => slab.objects.map((object) => object.toString(16))),
    );
  });

  it('count caches of memory cgroups within the cache that they belong to (before 5.9)', () => {
    const built = build({
      slub: { struct: 'page', memcgCaches: true },
      caches: [
        { name: 'dentry', size: 192, slabs: ['AAAf'] },
        { name: 'dentry(7:job)', size: 192, root: 'dentry', slabs: ['AfAf', 'A0A0'] },
        { name: 'dentry(9:gone)', size: 192, root: 'dentry', slabs: ['A'] },
      ],
    });
    opened(built, (session) => {
      expect(counts(coreSlabs(session))).toEqual([['dentry', 8, 13, 4]]);
      expect([...coreObjects(session, 'dentry')]).toHaveLength(13);
      expect([...coreObjects(session, 'dentry(7:job)')]).toHaveLength(8);
    });
  });

  it('count what is not known apart, and take of it what the slab itself counts', () => {
    const built = build({ caches: caches.slice(1) });
    const [, slab] = built.cache('kmalloc-64').slabs;
    // The free object of the second slab leads out of it.
    built.machine.poke(slab?.objects[1] ?? 0n, 8, 0x5a5a5a5an);
    const { caches: found } = opened(built, coreSlabs);
    expect(found).toMatchObject([
      { name: 'kmalloc-64', total: 71, unknown: 7, problems: ['1 slab: its free list leads out of it'] },
    ]);
  });
});

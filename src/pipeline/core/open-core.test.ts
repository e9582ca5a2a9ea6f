import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { inOrder } from '../../../testkit/kernel/struct-spec.ts';
import { writeMadeDump } from '../../../testkit/made-dump.ts';
import { InputError, LayoutError, MemoryFault } from '../errors.ts';
import { openCore, spellAddress } from './open-core.ts';

const SEQUENCE = inOrder('seq_operations', { start: 'ptr', stop: 'ptr', next: 'ptr', show: 'ptr' });

const folder = mkdtempSync(join(tmpdir(), 'kleak-script-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const { kernel, path, map } = writeMadeDump(folder, {
  caches: [
    { name: 'kmalloc-32', size: 32, slabs: ['AAff11AA', 'AAAA'] },
    { name: 'dentry', size: 192, reclaimable: true, slabs: ['AAAf'] },
  ],
  blocks: [{ use: 'buddy', order: 3 }],
  structs: [SEQUENCE],
});
const stext = kernel.machine.symbols.get('_stext') ?? 0n;
const core = openCore(path, { symbols: [map] });
afterAll(() => core.close());

describe('a dump opened by a script', () => {
  it('gives the objects of a cache with their states', () => {
    const objects = [...core.objects('kmalloc-32')];
    expect(objects.map(({ state }) => state.charAt(0)).join('')).toBe(kernel.expected['kmalloc-32']?.join(''));
    expect(objects.map(({ address }) => address)).toEqual(
      kernel.cache('kmalloc-32').slabs.flatMap((slab) => slab.objects),
    );
  });

  it('gives the documents of the commands', () => {
    expect(core.info()).toMatchObject({ release: core.release, machine: 'x86-64', allocator: 'SLUB' });
    expect(core.slabs().caches.map(({ name, allocated, total }) => [name, allocated, total])).toEqual([
      ['kmalloc-32', 8, 12],
      ['dentry', 3, 4],
    ]);
    const [object] = core.objects('dentry');
    expect(core.whatis(object?.address ?? 0n)).toMatchObject({
      address: spellAddress(object?.address ?? 0n),
      slab: { cache: 'dentry', offset: 0, state: 'allocated' },
      page: { use: 'slab' },
    });
    expect(core.layout('seq_operations')).toMatchObject({ size: 32, members: { length: 4 } });
  });

  it('follows lists, and reads structs by the paths of their members', () => {
    const caches = [...core.list('slab_caches', 'kmem_cache', 'list')];
    expect(caches.map((cache) => cache.text('name'))).toEqual(['kmalloc-32', 'dentry']);
    expect(caches.map((cache) => cache.number('size'))).toEqual([32, 192]);
    expect(core.decode('kmem_cache.size', caches[1]?.address() ?? 0n).members).toMatchObject([
      { name: 'size', value: { kind: 'number', value: 192 } },
    ]);
    expect(core.problems().filter((problem) => problem.includes('list at'))).toEqual([]);
  });

  it('says which list is torn, and gives what it could read', () => {
    const head = kernel.machine.symbols.get('slab_caches') ?? 0n;
    const torn = [...core.list(head + 1n, 'kmem_cache', 'list')];
    expect(torn.length).toBeLessThan(2);
    expect(core.problems().at(-1)).toContain(`the list at ${spellAddress(head + 1n)}`);
  });

  it('takes addresses as numbers, in hexadecimal, and as symbols', () => {
    expect(core.address(stext)).toBe(stext);
    expect(core.address(spellAddress(stext))).toBe(stext);
    expect(core.address('_stext+0x10')).toBe(stext + 16n);
    expect(core.symbols.find('_stext')).toBe(stext);
    expect(core.symbols.spell(stext + 8n)).toMatch(/^_(?:s)?text\+0x8$/);
    expect(core.memory.translate(stext)).toBe(kernel.machine.physicalOf(stext));
    expect(core.offsetOf('seq_operations', 'show')).toBe(24);
    expect(core.offsetOf('seq_operations', 'tell')).toBeUndefined();
  });

  it('gives every page frame with its use', () => {
    const pages = [...core.pages()];
    const slabs = kernel.caches.flatMap((cache) => cache.slabs.map(({ frame }) => frame));
    expect(pages.filter(({ use }) => use === 'slab').map(({ frame }) => frame)).toEqual(
      slabs.toSorted((a, b) => a - b),
    );
    expect(pages.filter(({ use }) => use === 'free')).toHaveLength(8);
    expect(pages.every(({ frame, physical }) => physical === frame * 4096)).toBe(true);
  });

  it('throws what says why: no such cache, no such struct, nothing at an address', () => {
    expect(() => core.objects('kmalloc')).toThrow(InputError);
    expect(() => core.objects('kmalloc')).toThrow('there are kmalloc-32');
    expect(() => core.struct('no_such_struct', stext)).toThrow(LayoutError);
    expect(() => core.struct('seq_operations', 4096n).pointer('show')).toThrow(MemoryFault);
    expect(() => core.address('no_such_symbol')).toThrow(InputError);
    expect(() => openCore(join(folder, 'nothing'))).toThrow(InputError);
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { inOrder } from '../../../../testkit/kernel/struct-spec.ts';
import { writeMadeDump } from '../../../../testkit/made-dump.ts';
import { outcomeOf } from '../../../../testkit/outcome-of.ts';
import { shellSays } from '../../../../testkit/shell-says.ts';
import { InputError, MemoryFault } from '../../errors.ts';
import { spell } from '../addresses.ts';
import { CoreSession } from '../session.ts';
import { SHELL_WORDS } from './registry.ts';
import { Shell } from './shell.ts';

const folder = mkdtempSync(join(tmpdir(), 'kleak-shell-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const { kernel, path, map } = writeMadeDump(folder, {
  caches: [
    { name: 'kmalloc-32', size: 32, slabs: ['AAff11AA', 'AAAA'] },
    { name: 'dentry', size: 192, reclaimable: true, slabs: ['AAAf'] },
  ],
  blocks: [{ use: 'buddy', order: 3 }],
  structs: [inOrder('seq_operations', { start: 'ptr', stop: 'ptr', next: 'ptr', show: 'ptr' })],
});
const session = CoreSession.open(path, { symbols: [map] });
afterAll(() => session.close());
const shell = new Shell(session);
const says = (line: string): string => shellSays(shell, line);
const stext = kernel.machine.symbols.get('_stext') ?? 0n;
const [slab] = kernel.cache('kmalloc-32').slabs;
const objects = slab?.objects ?? [];
const object = (i: number): string => spell(objects[i] ?? 0n);

describe('kmem -s', () => {
  it('lists caches in the columns of crash', () => {
    const lines = says('kmem -s').split('\n');
    expect(lines[0]).toBe('CACHE             OBJSIZE  ALLOCATED     TOTAL  SLABS  SSIZE  NAME');
    expect(lines[1]?.slice(16)).toBe('       32          8        12      2     4k  kmalloc-32');
    expect(lines[2]?.slice(16)).toBe('      192          3         4      1     4k  dentry');
  });

  it('lists those that are named, and refuses what is none', () => {
    expect(says('kmem -s dentry').split('\n')).toHaveLength(3);
    expect(() => says('kmem -s dent')).toThrow('has no slab cache dent; there are dentry');
  });
});

describe('kmem -S', () => {
  it('lists every object, brackets around those that are allocated, full slabs too', () => {
    const text = says('kmem -S kmalloc-32');
    const states = kernel.expected['kmalloc-32']?.join('') ?? '';
    const shown = text.split('\n').filter((line) => /^ {2}[ [?][0-9a-f]{16}\]?$/.test(line));
    expect(shown.map((line) => (line.startsWith('  [') ? 'a' : 'f')).join('')).toBe(states);
    expect(text.match(/FREE \/ \[ALLOCATED\]/g)).toHaveLength(2);
  });
});

describe('kmem ADDRESS', () => {
  it('knows the cache, the slab and the object', () => {
    const text = says(`kmem ${spell((objects[0] ?? 0n) + 8n)}`);
    expect(text).toContain('kmalloc-32');
    expect(text).toContain(`  [${object(0)}]\n`);
    expect(text).toContain('   USE: slab (present in the dump)');
  });

  it('takes physical addresses, and those of struct pages', () => {
    const physical = kernel.machine.physical;
    const frame = session.pages.map.frameOf(BigInt(`0x${says('kmem -S dentry').split('\n')[3]?.slice(2, 18)}`)) ?? 0;
    expect(says(`kmem -P ${(frame * physical.pageSize).toString(16)}`)).toContain('dentry');
    expect(
      says(`kmem ${spell(session.pages.map.addressOf(frame) ?? 0n)}`).match(/^ {2}[ [][0-9a-f]{16}/gm),
    ).toHaveLength(4);
  });

  it('refuses what nothing is known of', () => {
    expect(() => says('kmem ffffabcd00000000')).toThrow(
      'kmem: nothing is known of ffffabcd00000000; it is mapped nowhere',
    );
    expect(() => says('kmem')).toThrow(InputError);
    expect(() => says('kmem -s -S')).toThrow('kmem: -s and -S together; give one of them');
    expect(() => says('kmem -i dentry')).toThrow('kmem: -i takes no argument; see help kmem');
  });

  it('shows pages one by one', () => {
    const lines = says('kmem -p').split('\n');
    expect(lines[0]).toBe('      PAGE       PHYSICAL      MAPPING       INDEX CNT FLAGS');
    expect(lines.length - 2).toBe(session.pages.map.sections.reduce((sum, { frames }) => sum + frames, 0));
  });
});

describe('rd', () => {
  it('shows words, and the characters in them', () => {
    const [line = ''] = says(`rd ${object(0)} 2`).split('\n');
    expect(line).toMatch(new RegExp(`^${object(0)}:  [0-9a-f]{16} [0-9a-f]{16}   .{16}$`));
  });

  it('shows numbers of other sizes, and decimal ones', () => {
    expect(says('rd -8 init_uts_ns 4').split(':')[1]).toMatch(/^ {2}(?:[0-9a-f]{2} ){4} +\S/);
    expect(says('rd -32 -d slab_caches 4').trim().split(/\s+/)).toHaveLength(5);
    expect(says('rd -x slab_caches 1')).toMatch(/^[0-9a-f]{16}: {2}[0-9a-f]{16}\n$/);
  });

  it('reads up to an end, from an offset, and by physical address', () => {
    expect(says('rd slab_caches -e slab_caches+32').split('\n')).toHaveLength(3);
    expect(says('rd -o 8 slab_caches')).toContain(spell((session.kernel.symbols.find('slab_caches') ?? 0n) + 8n));
    const physical = session.kernel.memory.translate(stext) ?? 0;
    const [plain, direct] = [says('rd _stext'), says(`rd -p ${physical.toString(16)}`)];
    expect(direct.split(':')[1]).toBe(plain.split(':')[1]);
  });

  it('names slab objects', () => {
    const head = spell(session.kernel.symbols.find('slab_caches') ?? 0n);
    expect(says(`rd -S ${head}`)).toMatch(/: {2}(?:\[\w+\]|[0-9a-f]{16})/);
    expect(says('rd -s slab_caches+8')).toMatch(/: {2}/);
  });

  it('shows what there is before what is not mapped', () => {
    expect(() => says('rd ffffabcd00000000')).toThrow(MemoryFault);
    expect(() => says('rd slab_caches 0')).toThrow(InputError);
    expect(() => says('rd')).toThrow(InputError);
  });
});

describe('struct', () => {
  it('shows a declaration, with offsets where they are asked for', () => {
    expect(says('struct list_head')).toContain('list_head {\n    ');
    expect(says('struct seq_operations -o')).toMatch(/ \[8\] .*stop;\n/);
    expect(says('struct seq_operations.show')).toMatch(/^struct seq_operations \{\n +\[24\] .*show;\n\}\n$/);
  });

  it('shows what one in memory holds, members alone, and where they lie', () => {
    expect(says('struct list_head slab_caches')).toMatch(
      /^struct list_head \{\n {2}next = 0x[0-9a-f]+.*,\n {2}prev = /,
    );
    expect(says('struct list_head.prev slab_caches')).toMatch(/^ {2}prev = 0x[0-9a-f]+.*,\n$/);
    expect(says('struct list_head slab_caches -o')).toContain(
      `  [${spell((session.kernel.symbols.find('slab_caches') ?? 0n) + 8n)}] `,
    );
  });

  it('is meant by the name of a struct alone, and by a star', () => {
    expect(says('list_head.next slab_caches')).toBe(says('struct list_head.next slab_caches'));
    expect(says('*list_head slab_caches')).toBe(says('struct list_head slab_caches'));
  });

  it('shows several, and one that an address lies in', () => {
    expect(says('struct list_head slab_caches -c 2').match(/next = /g)).toHaveLength(2);
    const list = session.kernel.layouts.member('kmem_cache', 'list')?.offset ?? 0;
    const [first] = says('list -H slab_caches').split('\n');
    expect(says(`struct kmem_cache.name -l kmem_cache.list ${first}`)).toContain('kmalloc-32');
    expect(says(`struct kmem_cache.name -l ${list} ${first}`)).toContain('kmalloc-32');
  });

  it('shows numbers in hexadecimal', () => {
    const [first] = says('list -H slab_caches').split('\n');
    expect(says(`struct kmem_cache.size -x -l kmem_cache.list ${first}`)).toBe('  size = 0x20,\n');
    says('set hex');
    expect(says(`struct kmem_cache.size -l kmem_cache.list ${first}`)).toBe('  size = 0x20,\n');
    says('set dec');
  });

  it.each(['struct nosuch', 'struct list_head.nosuch slab_caches', 'struct', 'struct list_head slab_caches -c 0'])(
    'refuses in one line: %s',
    (line) => {
      expect(() => says(line)).toThrow(/^struct: [^\n]+; [^\n]+$/);
    },
  );
});

describe('list', () => {
  it('follows a list from its head, and shows members of what is in it', () => {
    const text = says('list -H slab_caches -o kmem_cache.list -s kmem_cache.size');
    expect(text.match(/size = \d+/g)).toEqual(['size = 32', 'size = 192']);
    expect(says('list -H slab_caches kmem_cache.list')).toBe(says('list -H slab_caches -o kmem_cache.list'));
  });

  it('goes the other way round', () => {
    const [forwards, backwards] = [says('list -H slab_caches'), says('list -r -H slab_caches')];
    expect(backwards.trim().split('\n')).toEqual(forwards.trim().split('\n').toReversed());
  });

  it('follows pointers from an entry on', () => {
    expect(says('list slab_caches').trim().split('\n')).toHaveLength(3);
    expect(() => says('list 10')).toThrow(/not mapped|lies outside|missing/);
  });
});

describe('sym, eval, p, whatis, vtop', () => {
  it('find a symbol either way', () => {
    expect(says('sym _stext')).toBe(`${spell(stext)} (D) _stext\n`);
    expect(says('sym -q slab_cac')).toContain('slab_caches\n');
    expect(() => says('sym slab_cach')).toThrow('sym: no symbol slab_cach; there are slab_caches');
  });

  it('reckon', () => {
    expect(says('eval -b 0x11')).toBe(
      [
        'hexadecimal: 11',
        '    decimal: 17',
        '      octal: 21',
        `     binary: ${'10001'.padStart(64, '0')}`,
        '   bits set: 4 0',
        '',
      ].join('\n'),
    );
    expect(says('p 6 * 7')).toBe('6 * 7 = 42\n');
    expect(says('p sizeof(struct list_head)')).toBe('sizeof(struct list_head) = 16\n');
  });

  it('translate', () => {
    const physical = session.kernel.memory.translate(stext) ?? 0;
    expect(says('vtop _stext')).toContain(`${spell(stext)}  ${physical.toString(16)}\n`);
    expect(says(`vtop ${says('ptov 1000').split('\n')[1]?.split(' ')[0] ?? ''}`)).toContain('  1000\n');
  });
});

describe('search', () => {
  it('finds what points to an object', () => {
    const list = says('list -H slab_caches').trim().split('\n');
    const found = says(`search ${list[0]}`).trim().split('\n');
    const head = session.kernel.memory.translate(session.kernel.symbols.find('slab_caches') ?? 0n);
    const places = found.map((line) => session.kernel.memory.translate(BigInt(`0x${line.split(':')[0]}`)));
    expect(places).toContain(head);
    expect(says('search 1234567812345678')).toBe('');
  });
});

describe('help', () => {
  it('lists all words, and explains each', () => {
    const text = says('help');
    for (const { name, usage } of SHELL_WORDS) {
      expect(text).toMatch(new RegExp(`^${name}\\s`, 'm'));
      expect(says(`help ${name}`)).toContain(usage[0]);
    }
    expect(() => says('help nosuch')).toThrow('help: no word nosuch; help lists them');
  });

  it('fits on a terminal of 120 columns, its list on one of 80', () => {
    const lines = SHELL_WORDS.flatMap(({ name }) => says(`help ${name}`).split('\n'));
    expect(lines.filter((line) => line.length > 120)).toEqual([]);
    expect(
      says('help')
        .split('\n')
        .slice(0, SHELL_WORDS.length)
        .filter((line) => line.length > 80),
    ).toEqual([]);
  });
});

describe('a word that is none', () => {
  it.each(['nosuch', 'nosuch.member 1', '*nosuch', '-s'])('is refused: %s', (line) => {
    expect(() => says(line)).toThrow(/is no word of the shell; help lists them$/);
  });

  it.each(['ps', 'bt', 'files', 'mount', 'foreach ps', 'set', 'kmem -i', 'kmem -v', 'kmem -z', 'log', 'mod', 'sys'])(
    'or one that the dump has nothing for ends in one line: %s',
    (line) => {
      const outcome = outcomeOf(() => says(line));
      expect(String(outcome)).toMatch(
        outcome instanceof Error ? /^(?:InputError|LayoutError|MemoryFault): [^\n]+$/ : /^/,
      );
    },
  );
});

import { describe, expect, it } from 'vitest';
import { REAL_KALLSYMS } from '../../../testkit/kallsyms/sample-symbols.ts';
import { slide, type SymbolColumns } from '../../formats/symbols/symbol-columns.ts';
import { parseSymbolText } from '../../formats/symbols/symbol-text.ts';
import { isText, symbolTable, withLazyModules, type SymbolTable } from './symbol-table.ts';

const columnsOf = (text: string): SymbolColumns => parseSymbolText(new TextEncoder().encode(text), 'symbols').value;
const tableOf = (text: string): SymbolTable => symbolTable(columnsOf(text), 'System.map');

const KERNEL = `0000000000001000 A cpu_debug_store
ffffffff81000000 T startup_64
ffffffff81000000 T _stext
ffffffff81000000 T _text
ffffffff81000100 t show
ffffffff81000200 T show
ffffffff81000300 t local_clock
ffffffff81000400 t local_clock
ffffffff82000000 d modules
ffffffff82100000 B _end
ffffffff82400000 D __init_scratch_end
`;
const kernel = tableOf(KERNEL);

const LOOP = `ffffffffc0300000 t loop_open\t[loop]
ffffffffc0300080 t show\t[loop]
ffffffffc0304000 d loop_fops\t[loop]
ffffffffc0310000 t ring_read\t[ring]
`;
const extents = [
  { module: 'ring', start: 0xffff_ffff_c031_0000n, size: 0x1000 },
  { module: 'loop', start: 0xffff_ffff_c030_4000n, size: 0x1000 },
  { module: 'loop', start: 0xffff_ffff_c030_0000n, size: 0x2000 },
];

describe('a table of symbols', () => {
  it('knows an address by its name', () => {
    expect(kernel.find('modules')).toBe(0xffff_ffff_8200_0000n);
    expect(kernel.find('cpu_debug_store')).toBe(0x1000n);
    expect(kernel.find('module')).toBeUndefined();
    expect(kernel.find('')).toBeUndefined();
  });

  it('takes the global one of several with a name, then the lowest, and has all of them', () => {
    expect(kernel.find('show')).toBe(0xffff_ffff_8100_0200n);
    expect(kernel.find('local_clock')).toBe(0xffff_ffff_8100_0300n);
    expect(kernel.findAll('show').map(({ letter }) => letter)).toEqual(['t', 'T']);
  });

  it('knows a name by its address, the first of several, up to the next symbol', () => {
    expect(kernel.at(0xffff_ffff_8100_0010n)).toEqual({
      name: 'startup_64',
      address: 0xffff_ffff_8100_0000n,
      letter: 'T',
      offset: 0x10,
    });
    expect(kernel.spell(0xffff_ffff_8100_01ffn)).toBe('show+0xff');
    expect(kernel.spell(0xffff_ffff_8200_0000n)).toBe('modules');
  });

  it.each([
    ['per-CPU offsets and user space', 0x1000n],
    ['what lies before the image', 0xffff_ffff_80ff_ffffn],
    ['what lies behind its end', 0xffff_ffff_8210_0000n],
    ['the direct map', 0xffff_8880_0000_0000n],
    ['the last address', 0xffff_ffff_ffff_ffffn],
  ])('has no name for %s', (_, address) => {
    expect(kernel.at(address)).toBeUndefined();
    expect(kernel.spell(address)).toBeUndefined();
  });

  it('tells text from data', () => {
    const [text, data] = [kernel.at(0xffff_ffff_8100_0100n), kernel.at(0xffff_ffff_8200_0000n)];
    expect([text && isText(text), data && isText(data)]).toEqual([true, false]);
  });

  it('lists the symbols that a pattern fits', () => {
    expect(
      Array.from(
        kernel.matching((name) => name.includes('text')),
        ({ name }) => name,
      ),
    ).toEqual(['_stext', '_text']);
  });

  it('may be empty', () => {
    const { addresses, ...rest } = columnsOf(KERNEL);
    const empty = symbolTable(
      {
        ...rest,
        count: 0,
        addresses: addresses.slice(0, 0),
        names: { count: 0, text: () => '', hashes: () => new Uint32Array(0) },
      },
      'nothing',
    );
    expect(empty.find('_text')).toBeUndefined();
    expect(empty.at(0xffff_ffff_8100_0000n)).toBeUndefined();
  });

  it('moves with the kernel, but for what is no address', () => {
    const moved = symbolTable(slide(columnsOf(KERNEL), 0x1800_0000n), 'System.map');
    expect(moved.find('modules')).toBe(0xffff_ffff_9a00_0000n);
    expect(moved.find('cpu_debug_store')).toBe(0x1000n);
    expect(moved.spell(0xffff_ffff_9900_0010n)).toBe('startup_64+0x10');
  });
});

describe('a table with modules', () => {
  const both = withLazyModules(kernel, () => symbolTable(columnsOf(LOOP), '', extents));

  it('has the symbols of both, those of the kernel first', () => {
    expect(both.count).toBe(15);
    expect(both.find('loop_open')).toBe(0xffff_ffff_c030_0000n);
    expect(both.find('show')).toBe(0xffff_ffff_8100_0200n);
    expect(both.findAll('show').map(({ module }) => module)).toEqual([undefined, undefined, 'loop']);
    expect(both.spell(0xffff_ffff_8200_0000n)).toBe('modules');
  });

  it('names an address inside of a stretch of a module, and none between them', () => {
    expect(both.spell(0xffff_ffff_c030_0000n)).toBe('loop_open [loop]');
    expect(both.spell(0xffff_ffff_c030_1fffn)).toBe('show+0x1f7f [loop]');
    expect(both.spell(0xffff_ffff_c030_2000n)).toBeUndefined();
    expect(both.spell(0xffff_ffff_c030_4010n)).toBe('loop_fops+0x10 [loop]');
    expect(both.spell(0xffff_ffff_c031_0fffn)).toBe('ring_read+0xfff [ring]');
    expect(both.spell(0xffff_ffff_c031_1000n)).toBeUndefined();
  });

  it('reaches to the next symbol of the module or the end of the page, where the stretches are not known', () => {
    const text = tableOf(KERNEL + LOOP);
    expect(text.spell(0xffff_ffff_c030_3000n)).toBe('show+0x2f80 [loop]');
    expect(text.spell(0xffff_ffff_c030_4fffn)).toBe('loop_fops+0xfff [loop]');
    expect(text.spell(0xffff_ffff_c030_5000n)).toBeUndefined();
    expect(text.at(0xffff_ffff_8200_0000n)?.module).toBeUndefined();
  });
});

it('an empty lock class key does not give its name to the variable behind it', () => {
  const foo = `ffffffffc0310000 b __key.22\t[foo]
ffffffffc0310000 b foo_queue\t[foo]
ffffffffc0310010 b __key.3\t[foo]
`;
  const modules = symbolTable(columnsOf(foo), '/proc/kallsyms');
  expect(modules.spell(0xffff_ffff_c031_0008n)).toBe('foo_queue+0x8 [foo]');
  expect(modules.spell(0xffff_ffff_c031_0010n)).toBe('__key.3 [foo]');
});

it('every symbol of a real table is found by its name, and by its address unless that has several names', () => {
  const columns = columnsOf(REAL_KALLSYMS);
  const table = symbolTable(columns, '/proc/kallsyms');
  const missed = Array.from({ length: columns.count }, (_, i) => i).filter((i) => {
    const [address, name] = [columns.addresses[i] ?? 0n, columns.names.text(i)];
    const isFound = table.findAll(name).some((symbol) => symbol.address === address);
    const end = table.find('_end') ?? 0n;
    const hasName =
      address < 2n ** 63n || (address >= end && address < end + 0x100_0000n) || table.at(address)?.address === address;
    return !isFound || !hasName;
  });
  expect(missed).toEqual([]);
});

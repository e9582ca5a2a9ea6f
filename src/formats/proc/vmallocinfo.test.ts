import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exerciseFormat, fixture, readBlock } from '../../../testkit/exercise-format.ts';
import { vmallocinfo } from './vmallocinfo.ts';

const real = fixture('proc/vmallocinfo/6.1-slub.txt');
const row = '0xffffa20ddfe000-0xffffa20de00000    8192 ring_setup+0x23/0xe0 [some_driver] pages=1 vmalloc N0=1';

describe('vmallocinfo', () => {
  it('reads real captures, with hashed and with hidden addresses', () => {
    for (const text of [real, fixture('proc/vmallocinfo/6.1-arm64-hidden.txt')]) {
      const { value, problems } = readBlock(vmallocinfo, text);
      expect(problems).toEqual([]);
      expect(value).toHaveLength(text.trim().split('\n').length);
    }
  });

  it('reads caller, module, pages, flags and nodes', () => {
    expect(readBlock(vmallocinfo, row).value).toMatchObject([
      { size: 8192, caller: 'ring_setup', module: 'some_driver', pages: 1, flags: ['vmalloc'] },
    ]);
    const huge = row.replace('pages=1 vmalloc N0=1', 'pages=6 vmalloc user vpages N0=4 N1=2');
    const [area] = readBlock(vmallocinfo, huge).value;
    expect(area?.flags).toEqual(['vmalloc', 'user', 'vpages']);
    expect([...(area?.nodes ?? [])]).toEqual([
      [0, 4],
      [1, 2],
    ]);
  });

  it('gives no pages to a mapping of memory that belongs to others', () => {
    const text =
      '0x0000000023f53801-0x00000000d2f57a0b   20480 acpi_os_map_iomem+0x1b6/0x1d0 phys=0x00000000fee00000 ioremap';
    const [area] = readBlock(vmallocinfo, text).value;
    expect(area).toMatchObject({ caller: 'acpi_os_map_iomem', flags: ['ioremap'] });
    expect(area).not.toHaveProperty('pages');
  });

  it('reads areas that have no caller', () => {
    const text =
      '0xffffc900001a0000-0xffffc900001a5000   20480 unpurged vm_area\n0xffffc900001b0000-0xffffc900001b5000 20480 vm_map_ram';
    expect(readBlock(vmallocinfo, text).value.map((area) => [area.caller, area.flags])).toEqual([
      ['', ['unpurged', 'vm_area']],
      ['', ['vm_map_ram']],
    ]);
  });

  it('keeps the good rows when one is torn, and says where the torn one is', () => {
    const { value, problems } = readBlock(vmallocinfo, `${row}\n${row.slice(0, row.indexOf('es=1'))}\n${row}`, 'f');
    expect(value).toHaveLength(2);
    expect(problems).toEqual([{ problem: 'vmallocinfo: unreadable row', at: { kind: 'line', file: 'f', line: 2 } }]);
  });

  it('reads back what was written', () => {
    const area = fc.record({
      caller: fc.stringMatching(/^[a-z_][a-z0-9_]{0,20}(\.isra\.[0-9])?$/),
      module: fc.option(fc.stringMatching(/^[a-z][a-z0-9_]{0,12}$/), { nil: undefined }),
      pages: fc.nat(1e9),
    });
    fc.assert(
      fc.property(fc.array(area, { minLength: 1 }), (areas) => {
        const text = areas
          .map(
            (a) =>
              `0x${'f'.repeat(16)}-0x0   8192 ${a.caller}+0x1/0x2${a.module ? ` [${a.module}]` : ''} pages=${a.pages} vmalloc`,
          )
          .join('\n');
        const read = readBlock(vmallocinfo, text).value;
        expect(read.map(({ caller, module, pages }) => ({ caller, module, pages }))).toEqual(areas);
      }),
    );
  });

  exerciseFormat(vmallocinfo, real);
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fixture } from '../../testkit/exercise-format.ts';
import { parseVmcoreInfo, type VmcoreInfo } from './vmcoreinfo.ts';

const RUNS = Number(process.env['KLEAK_FUZZ_RUNS'] ?? 200);
const x86 = fixture('vmcore/vmcoreinfo/6.12-x86-64.txt');
const arm = fixture('vmcore/vmcoreinfo/6.1-arm64.txt');

describe('the VMCOREINFO of a kernel', () => {
  it('is read from an x86-64 kernel of 6.12', () => {
    const { value, problems } = parseVmcoreInfo(x86, 'vmcore');
    expect(problems).toEqual([]);
    expect(value.release).toBe('6.12.107+deb12-cloud-amd64');
    expect(value.buildId).toBe('d74ef9d763bbd2561619db994071f549808d2ce1');
    expect(value.pageSize).toBe(4096);
    expect(value.kernelOffset).toBe(0x31400000n);
    expect(value.symbols.get('_stext')).toBe(0xffffffffb2400000n);
    expect(value.sizes.get('page')).toBe(64);
    expect(value.offsets.get('page._refcount')).toBe(52);
    expect(value.lengths.get('mem_section')).toBe(131072);
    expect(value.numbers.get('phys_base')).toBe(-727711744n);
    expect(value.numbers.get('PAGE_BUDDY_MAPCOUNT_VALUE')).toBe(-268435456n);
  });

  it('is read from an arm64 kernel, which writes some numbers in hexadecimal', () => {
    const { value, problems } = parseVmcoreInfo(arm, 'vmcore');
    expect(problems).toEqual([]);
    expect(value.numbers.get('kimage_voffset')).toBe(0xffffffeecb200000n);
    expect(value.numbers.get('VA_BITS')).toBe(39n);
    expect(value.numbers.get('TCR_EL1_T1SZ')).toBe(0x19n);
    expect(value.kernelOffset).toBe(0x2f03400000n);
  });

  it('keeps what is whole and names the line of what is not', () => {
    const text = 'OSRELEASE=6.1.0\nSYMBOL(_stext)=xyz\nSIZE(page)=-1\nnoise\nNUMBER(PG_lru)=4\n';
    const { value, problems } = parseVmcoreInfo(text, 'vmcore');
    expect(value.symbols.size + value.sizes.size).toBe(0);
    expect(value.numbers.get('PG_lru')).toBe(4n);
    expect(problems.map(({ at }) => at)).toEqual([2, 3, 4].map((line) => ({ kind: 'line', file: 'vmcore', line })));
  });

  it('takes no page size that no machine has, and no build id that is garbage', () => {
    // 6.1.113 to 118 and others wrote what happened to lie there.
    const { value } = parseVmcoreInfo('PAGESIZE=4095\nBUILD-ID=\u0001\u0002zz\n', 'vmcore');
    expect(value).not.toHaveProperty('pageSize');
    expect(value).not.toHaveProperty('buildId');
  });

  it('cut at any byte has only values that the whole one has', () => {
    const whole = flat(parseVmcoreInfo(arm, 'vmcore').value);
    for (let cut = 0; cut < arm.length; cut++) {
      const part = flat(parseVmcoreInfo(arm.slice(0, cut), 'vmcore').value);
      const wrong = [...part].filter(([key, value]) => whole.get(key) !== value);
      expect(wrong, `cut at ${cut}`).toEqual([]);
    }
  });

  it(`stands ${RUNS} texts with bytes changed`, () => {
    const edit = fc.record({ at: fc.nat(x86.length - 1), byte: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 20 }), (edits) => {
        const bytes = Buffer.from(x86, 'latin1');
        for (const { at, byte } of edits) bytes[at] = byte;
        const { value } = parseVmcoreInfo(bytes.toString('latin1'), 'vmcore');
        expect([undefined, 4096, 16384, 65536]).toContain(value.pageSize);
      }),
      { numRuns: RUNS, seed: 20_261_126 },
    );
  });
});

/** Every value by a name of its own. */
function flat(info: VmcoreInfo): ReadonlyMap<string, unknown> {
  const { symbols, sizes, offsets, lengths, numbers, ...plain } = info;
  return new Map<string, unknown>([
    ...Object.entries(plain),
    ...Object.entries({ symbols, sizes, offsets, lengths, numbers }).flatMap(([kind, map]) =>
      [...map].map(([name, value]) => [`${kind} ${name}`, value] as const),
    ),
  ]);
}

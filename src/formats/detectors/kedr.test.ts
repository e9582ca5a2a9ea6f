import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exerciseFormat, readBlock } from '../../../testkit/exercise-format.ts';
import { cleanLines } from '../text/line.ts';
import { kedr } from './kedr.ts';

const sample = `Process: insmod (PID: 812)
Address: 0xffff8800a1b2c000, size: 64; stack trace of the allocation:
[<ffffffffc0a59a59>] foo_init+0x79/0xb0 [foo]
[<ffffffffae6c6691>] do_one_initcall+0xd1/0xe0
[<ffffffffffffffff>] 0xffffffffffffffff
+11 more allocation(s) with the same call stack.
----------------------------------------
<IRQ>
Address: 0xffffb80083fc2000, size: 11320; stack trace of the allocation:
[<ffffffffc0a59b00>] foo_table+0x10/0x20 [foo]
----------------------------------------
`;

describe('kedr', () => {
  it('reads the possible leaks with their processes and repetitions', () => {
    const { value, problems } = readBlock(kedr, sample);
    expect(problems).toEqual([]);
    expect(value).toMatchObject({ detector: 'kedr', entries: 13, cut: false });
    expect(value.groups.map((g) => [g.count, g.bytes, g.area, g.stack[0].symbol, g.processes])).toEqual([
      [1, 11_320, 'vmalloc', 'foo_table', []],
      [12, 768, 'slab', 'foo_init', ['insmod']],
    ]);
    expect(value.groups[1]?.stack).toHaveLength(2);
  });

  it('reads a summary with everything on fewer lines, and log lines', () => {
    const summary =
      'Kedr summary: Allocations: 20\nPossible leaks: 1\nUnallocated frees: 0\nPossible memory leaks: Process: a b (PID: 2)\nAddress: 0xffff880012340000, size: unknown; stack trace of the allocation:\n[<ffffffffc0a59a59>] foo+0x79/0xb0 [foo]\n';
    const { value } = readBlock(kedr, summary);
    expect(kedr.claim(cleanLines(summary), 0)).toBe(6);
    expect(value.groups[0]).toMatchObject({ count: 1, processes: ['a b'] });
    expect(value.groups[0]).not.toHaveProperty('bytes');
    const log = sample.replace(/^(?=.)/gm, '[   12.123456] [leak_check] ');
    expect(readBlock(kedr, log).value.entries).toBe(13);
  });

  it('does not take frees for allocations', () => {
    const frees =
      'Process: insmod (PID: 812)\nAddress: 0xffff8800a1b2c000; stack trace of the deallocation:\n[<00>] foo+0x79/0xb0\n';
    expect(kedr.claim(cleanLines(frees), 0)).toBe(0);
  });

  it('sees that the last stack is missing', () => {
    expect(readBlock(kedr, sample.slice(0, sample.indexOf('[<ffffffffc0a59b00>]'))).value.cut).toBe(true);
  });

  it('reads back what was written', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(4000), fc.nat(99)), { minLength: 1, maxLength: 9 }), (drawn) => {
        const text = drawn
          .map(
            ([size, more]) =>
              `Address: 0xffff880000001000, size: ${size}; stack trace of the allocation:\n[<00>] f${size}+0x1/0x2\n+${more} more allocation(s) with the same call stack.\n`,
          )
          .join('');
        const { value } = readBlock(kedr, text);
        expect(value.entries).toBe(drawn.reduce((n, [, more]) => n + 1 + more, 0));
      }),
    );
  });

  exerciseFormat(kedr, sample);
});

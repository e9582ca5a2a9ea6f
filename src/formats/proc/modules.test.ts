import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exerciseFormat, fixture, readBlock } from '../../../testkit/exercise-format.ts';
import { modules } from './modules.ts';

const real = fixture('proc/modules/6.1-arm64.txt') + fixture('proc/modules/6.1-slub.txt');
const lsmod = `Module                  Size  Used by
nf_nat                 49152  2 nf_nat_ipv4,xt_nat
loop                   32768  0
kvm                   999424  1 kvm_intel
`;

describe('modules', () => {
  it('reads real captures', () => {
    const { value, problems } = readBlock(modules, real);
    expect(problems).toEqual([]);
    expect(value[0]).toMatchObject({ name: 'seqleak', bytes: 16_384, references: 0, taints: 'O', users: [] });
    expect(value.find((row) => row.name === 'loop')).toMatchObject({ references: 2, taints: '' });
  });

  it('reads lsmod, which shows no taints', () => {
    const { value } = readBlock(modules, lsmod);
    expect(value).toMatchObject([{ users: ['nf_nat_ipv4', 'xt_nat'] }, { users: [] }, { name: 'kvm', references: 1 }]);
    expect(value[0]).not.toHaveProperty('taints');
  });

  it('has no references where the kernel cannot unload modules', () => {
    const { value } = readBlock(modules, 'wl 4096 - - Live 0xbf000000 (PO)\n');
    expect(value).toMatchObject([{ name: 'wl', taints: 'PO' }]);
    expect(value[0]).not.toHaveProperty('references');
  });

  it('reads who uses a module', () => {
    expect(readBlock(modules, 'i2c_core 5 3 drm,i915,[permanent], Live 0x0').value[0]?.users).toEqual(['drm', 'i915']);
  });

  it('says where a row is torn', () => {
    const { value, problems } = readBlock(modules, 'a 1 0 - Live 0x0\nb 1 0 - Live 0x\nc 1 0 - Live 0x0', 'f');
    expect(value.map((row) => row.name)).toEqual(['a', 'c']);
    expect(problems).toEqual([{ problem: 'modules: unreadable row', at: { kind: 'line', file: 'f', line: 2 } }]);
  });

  it('reads back what was written', () => {
    const row = fc.record({
      name: fc.stringMatching(/^[a-z][a-z0-9_]{0,20}$/),
      bytes: fc.nat(),
      references: fc.nat(),
      taints: fc.constantFrom('', 'O', 'OE', 'PO'),
    });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1 }), (rows) => {
        const text = rows
          .map((r) => `${r.name} ${r.bytes} ${r.references} - Live 0xffffffffc0000000${r.taints && ` (${r.taints})`}`)
          .join('\n');
        const read = readBlock(modules, text).value;
        expect(read.map(({ name, bytes, references, taints }) => ({ name, bytes, references, taints }))).toEqual(rows);
      }),
    );
  });

  exerciseFormat(modules, real + lsmod);
});

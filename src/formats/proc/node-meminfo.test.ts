import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exerciseFormat, fixture, readBlock } from '../../../testkit/exercise-format.ts';
import { cleanLines } from '../text/line.ts';
import { nodeMeminfo } from './node-meminfo.ts';

const real = fixture('proc/node-meminfo/6.18.txt');

describe('node meminfo', () => {
  it('reads a real capture whole', () => {
    const { value, problems } = readBlock(nodeMeminfo, real);
    expect(problems).toEqual([]);
    expect(value).toHaveLength(real.match(/kB$/gm)?.length ?? 0);
    expect(value[0]).toMatchObject({ node: 0, name: 'MemTotal' });
  });

  it('reads the nodes of a machine one after another, and lines as grep prints them', () => {
    const text =
      '/sys/devices/system/node/node0/meminfo:Node 0 Slab:  8 kB\n/sys/devices/system/node/node1/meminfo:Node 1 Slab:  4 kB';
    expect(readBlock(nodeMeminfo, text).value.map((amount) => [amount.node, amount.bytes])).toEqual([
      [0, 8192],
      [1, 4096],
    ]);
  });

  it('ends where a node says the same again', () => {
    expect(nodeMeminfo.claim(cleanLines('Node 0 MemTotal: 1 kB\nNode 0 MemFree: 1 kB\nNode 0 MemTotal: 1 kB'), 0)).toBe(
      2,
    );
  });

  it('says where a line is torn', () => {
    const { problems } = readBlock(nodeMeminfo, 'Node 0 MemTotal: 1 kB\nNode 0 Mem\nNode 0 Slab: 1 kB', 'f');
    expect(problems).toEqual([{ problem: 'node-meminfo: unreadable line', at: { kind: 'line', file: 'f', line: 2 } }]);
  });

  it('reads back what was written', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(1000), { minLength: 1 }), fc.nat(), (nodes, kib) => {
        const text = nodes.map((node) => `Node ${node} Active(file):  ${kib + node} kB`).join('\n');
        expect(readBlock(nodeMeminfo, text).value.map(({ node, bytes }) => [node, bytes])).toEqual(
          nodes.map((node) => [node, (kib + node) * 1024]),
        );
      }),
    );
  });

  exerciseFormat(nodeMeminfo, real);
});

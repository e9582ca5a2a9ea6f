import { describe, expect, it } from 'vitest';
import { readHeap } from '../../../testkit/kernel/read-heap.ts';
import { placed } from '../../../testkit/kernel/struct-spec.ts';
import { nodeAtWord, halves, type NodeSpace } from './node-space.ts';
import { measureReachability } from './measure-reachability.ts';

const RCU = placed('callback_head', 16, { next: [0, 'ptr'], func: [8, 'ptr'] });
const PATH = 32;
const CRED = 128;

/**
 * Two files, each with a dentry; a register holds the first, whose RCU head names the second. Which files and dentries can be
 * reached, where that head has the function that gives back a file's memory (`dies`) or another one.
 */
function reached(dies: boolean, head = 0): readonly boolean[] {
  const file = placed('file', 256, { f_rcuhead: [head, RCU], f_path: [PATH, 'ptr'], f_cred: [CRED, 'ptr'] });
  const { built, pages, heap } = readHeap(
    {
      kallsyms: true,
      structs: [RCU, file],
      caches: [
        { name: 'filp', size: 256, slabs: ['AAffffffffffffff'] },
        { name: 'dentry', size: 192, slabs: ['AAfffffffffffffffffff'] },
        { name: 'cred_jar', size: 192, slabs: ['Affffffffffffffffffff'] },
      ],
    },
    (made) => {
      const [first = 0n, second = 0n] = made.cache('filp').slabs[0]?.objects ?? [];
      const dentries = made.cache('dentry').slabs[0]?.objects ?? [];
      const [free, other] = ['file_free_rcu', 'delayed_put_task_struct'].map((name) => made.machine.variable(name, 8));
      made.machine.poke(first + BigInt(head), 8, second);
      made.machine.poke(first + BigInt(head) + 8n, 8, (dies ? free : other) ?? 0n);
      for (const [i, at] of [first, second].entries()) made.machine.poke(at + BigInt(PATH), 8, dentries[i] ?? 0n);
      made.machine.poke(first + BigInt(CRED), 8, made.cache('cred_jar').slabs[0]?.objects[0] ?? 0n);
    },
  );
  const objects = ['filp', 'dentry', 'cred_jar'].flatMap(
    (name) => built.cache(name).slabs[0]?.objects.filter((_, i) => built.cache(name).slabs[0]?.text[i] === 'A') ?? [],
  );
  const around = { areas: [], tasks: [], registers: objects.slice(0, 1), stackPointers: [] };
  const { space, marked } = measureReachability(built.open(), pages, heap, around);
  return objects.map((address) => marked.has(nodeOf(space, address)));
}

const nodeOf = (space: NodeSpace, address: bigint): number =>
  nodeAtWord(space, halves(address).low, halves(address).high);

describe('files that wait for RCU to free them', () => {
  it('lead to the next that waits and to who opened them, and hold their path no more', () => {
    expect(reached(true)).toEqual([true, true, false, true, true]);
  });

  it('are others than those whose head has another function', () => {
    expect(reached(false)).toEqual([true, true, true, true, true]);
  });

  it('are not looked for where the head lies behind the path', () => {
    expect(reached(true, 64)).toEqual([true, true, true, true, true]);
  });
});

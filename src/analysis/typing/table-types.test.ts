import { describe, expect, it } from 'vitest';
import { realDumps, WHERE_DUMPS_ARE } from '../../../testkit/real-dumps.ts';
import { CoreSession } from '../../pipeline/core/session.ts';
import { WordCodes } from '../clustering/word-codes.ts';
import { embeddedStructs } from './embedded-structs.ts';
import { inferType } from './infer-type.ts';
import { TypeWorld } from './type-world.ts';
import type { Seen, WordFacts } from './word-facts.ts';

const SLOW = 60_000;
const dumps = realDumps().filter(({ name }) => /^x86-64-slub$|^arm64-slab$|^6\.1-healthy$/.test(name));

function withWorld<T>(path: string, work: (world: TypeWorld, seen: (name: string) => Seen) => T): T {
  const session = CoreSession.open(path);
  try {
    const { kernel, heap, reachability } = session;
    const codes = new WordCodes(kernel, reachability.space, heap.caches);
    const seen = (name: string): Seen => {
      const [symbol] = kernel.symbols.findAll(name);
      if (!symbol) throw new Error(`no symbol ${name}`);
      const isCode = /^[tw]$/i.test(symbol.letter);
      return {
        kind: 'symbol',
        isCode,
        offset: 0,
        symbol: { address: symbol.address, symbol: { ...symbol, offset: 0 } },
      };
    };
    return work(new TypeWorld(kernel, heap, codes, (cache) => session.aliasesOf(cache)), seen);
  } finally {
    session.close();
  }
}

const zero: WordFacts = { facts: [{ seen: { kind: 'zero' }, share: 1 }], value: 0n };
const word = (seen: Seen): WordFacts => ({ facts: [{ seen, share: 1 }] });
const self = (offset: number): WordFacts => word({ kind: 'self', offset });

describe.skipIf(dumps.length === 0)(`types by the functions of the kernel (${WHERE_DUMPS_ARE})`, () => {
  it.each(dumps)(
    'tell the tables of $name',
    ({ path }) => {
      const found = withWorld(path, (world, seen) =>
        ['def_chr_fops', 'simple_dir_operations', 'ramfs_dir_inode_operations', 'kernfs_dops', 'jiffies'].map(
          (name) => {
            const at = seen(name);
            return at.kind === 'symbol' && at.symbol.symbol ? world.tableTypes(at.symbol.symbol) : [];
          },
        ),
      );
      expect(found).toEqual([
        ['file_operations'],
        ['file_operations'],
        ['inode_operations'],
        ['dentry_operations'],
        [],
      ]);
    },
    SLOW,
  );

  it.each(dumps)(
    'are not forced in $name: nothing, numbers, lists alone, and functions of nowhere are unknown',
    ({ path }) => {
      const states = withWorld(path, (world, seen) => {
        const kmalloc = { named: [], isAll: false, range: [32, 64] } as const;
        const of = (...words: readonly WordFacts[]): string => inferType(world, kmalloc, words).state;
        const number = word({ kind: 'number' });
        return [
          of(zero, zero, zero, zero, zero, zero, zero, zero),
          of(number, number, number, number, zero, zero, zero, zero),
          of(zero, self(8), self(8), zero, zero, zero, zero, zero),
          of(word(seen('single_start')), number, number, word(seen('do_exit')), number, zero, zero, zero),
        ];
      });
      expect(states).toEqual(['unknown', 'unknown', 'unknown', 'unknown']);
    },
    SLOW,
  );

  it.each(dumps)(
    'find in $name what a driver builds its own structs with',
    ({ path }) => {
      const found = withWorld(path, (world, seen) => {
        const number = word({ kind: 'number' });
        const words = [
          number,
          zero,
          self(16),
          self(16),
          // struct delayed_work: its work_struct (data, entry, func), its timer (entry, expires, function, flags), wq, cpu.
          number,
          self(40),
          self(40),
          word(seen('flush_to_ldisc')),
          zero,
          zero,
          number,
          word(seen('delayed_work_timer_fn')),
          number,
          zero,
          number,
          number,
        ];
        return embeddedStructs(world, words).map(({ type, offset }) => `${type.name} ${offset}`);
      });
      expect(found).toEqual(['list_head 16', 'delayed_work 32']);
    },
    SLOW,
  );
});

import type { ShellHit } from '../../../findings/core/shell-memory.ts';
import { InputError } from '../../../sources/input-error.ts';
import { spell } from '../addresses.ts';
import type { CoreSession } from '../session.ts';
import { evaluate } from './expression.ts';
import { parseOptions } from './options.ts';
import { searchText, searchWords, type Pattern } from './scan.ts';
import { rangesOf, type Range } from './search-ranges.ts';
import type { ShellWord } from './word.ts';

export const search: ShellWord = {
  name: 'search',
  usage: ['search [-k|-v|-p] [-s START] [-e END|-l LENGTH] [-m MASK] [-w|-h|-c] VALUE …'],
  summary: 'where a value lies in memory',
  help: [
    '-k         all memory, by the addresses of the direct map and of the image; this is what is done without an option',
    '-v         what is mapped in vmalloc space and in the space of modules',
    '-p         all memory, by physical addresses',
    '-s START   only from there on, by kernel addresses (with -p physical ones)',
    '-e END, -l LENGTH  only up to there',
    '-m MASK    bits that do not matter: search -m ffff ffffffff81230000',
    '-w, -h     numbers of 32 or 16 bits in place of 64',
    '-c         VALUE is a text',
    'Numbers are looked for at multiples of their size. Several values are looked for at once.',
  ],
  completes: ['symbol'],
  *run({ session }, args) {
    const { kernel } = session;
    const options = parseOptions('search', args, {
      flags: ['k', 'K', 'v', 'V', 'p', 'w', 'h', 'c'],
      values: ['s', 'e', 'l', 'm'],
    });
    if (options.args.length === 0) throw new InputError('search', 'nothing was asked', 'see help search');
    const ranges = rangesOf(session, options);
    if (options.has('c')) return yield { kind: 'hits', hits: textHits(session, ranges, options.args) };
    const size = options.has('w') ? 4 : options.has('h') ? 2 : 8;
    const bits = size * 8;
    const mask = options.value('m');
    const ignored = mask === undefined ? 0n : evaluate(kernel, 'search', mask, 'address');
    const patterns = options.args.map((text): Pattern => {
      const value = evaluate(kernel, 'search', text, 'address');
      if (BigInt.asUintN(bits, value) === value) return { value, ignored };
      throw new InputError('search', `${text} has more than ${bits} bits`, 'see help search');
    });
    yield { kind: 'hits', hits: wordHits(session, ranges, patterns, size) };
  },
};

function* wordHits(
  { kernel }: CoreSession,
  ranges: Iterable<Range>,
  patterns: readonly Pattern[],
  size: 2 | 4 | 8,
): Generator<ShellHit | undefined> {
  for (const { physical, length, address } of ranges)
    for (const hit of searchWords(kernel.memory.physical, physical, length, patterns, size)) {
      const value = hit?.value.toString(16).padStart(size * 2, '0') ?? '';
      yield hit && { address: spell(address + BigInt(hit.at - physical)), value, isText: false };
    }
}

function* textHits(
  { kernel }: CoreSession,
  ranges: Iterable<Range>,
  texts: readonly string[],
): Generator<ShellHit | undefined> {
  for (const { physical, length, address } of ranges)
    for (const hit of searchText(kernel.memory.physical, physical, length, texts))
      yield hit && { address: spell(address + BigInt(hit.at - physical)), value: hit.text, isText: true };
}

import { spellBytes, spellCount } from '../../base/spelling.ts';
import type { Evidence, NextStep } from '../../findings/finding.ts';
import type { Allocation, DumpFacts } from '../../model/dump-facts.ts';

/** Fewer of a kind than this are what every kernel drops at boot. */
export const FEWEST = 10;

/** More than a trace: a two-thousandth of RAM, or 256 KiB on small machines. */
export const isLarge = (bytes: number, ram: number): boolean => bytes >= Math.max(256 * 1024, ram / 2000);

export const at = (file: string, address: string): Evidence['source'] => ({ kind: 'address', file, address });

/** How far the sweep looked, with what it could not see. */
export function sweepEvidence({ scanned, missing, file, referencesMissed }: DumpFacts, sample: string): Evidence {
  const unseen =
    missing === 0
      ? ''
      : `; ${spellBytes(missing)} that may hold pointers are not in the dump, at most some ${spellCount(referencesMissed)} of them`;
  return {
    text: `searched ${spellBytes(scanned.bytes)} of kernel memory (${spellCount(scanned.words)} words): no root leads there${unseen}`,
    source: at(file, sample),
  };
}

/** What a detector of the kernel wrote down of who allocated it. */
export function allocationEvidence(
  allocation: Allocation | undefined,
  source: Evidence['source'],
): readonly Evidence[] {
  if (!allocation) return [];
  const { detector, stack, process, site } = allocation;
  if (site)
    return [
      {
        text: `${detector} says which line allocated it: ${stack[0] ?? ''} (${site.line}), with ${spellBytes(site.bytes)} in ${spellCount(site.calls)} allocations in use`,
        source,
      },
    ];
  const who = process === undefined ? '' : ` for ${process}`;
  return [{ text: `${detector} wrote down who took it: ${stack.slice(0, 5).join(' ← ')}${who}`, source }];
}

/** Whether what the dump lacks could hold as many references as would explain this. */
export const mayBeHeld = ({ referencesMissed }: DumpFacts, things: number): boolean => things <= referencesMissed;

/** For a shell: as it is where that is safe, else in quotes. */
export const quoted = (word: string): string =>
  /^[\w./:@%+,=-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;

export const whoPoints = (file: string, sample: string): NextStep => ({
  command: `kleak core refs ${quoted(file)} ${sample}`,
  why: 'who points there: a way from a root would disprove this',
  risk: 'none',
});
export const listGroups = (file: string, cache: string): NextStep => ({
  command: `kleak core groups ${quoted(file)} ${quoted(cache)}`,
  why: 'the objects of the cache by content, with what each word is',
  risk: 'none',
});
export const dumpCommand = (file: string, sub: string, why: string): NextStep => ({
  command: `kleak core ${sub} ${quoted(file)}`,
  why,
  risk: 'none',
});

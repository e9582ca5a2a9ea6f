import { spellBytes, spellCount, spellShare } from '../../base/spelling.ts';
import type { Finding } from '../../findings/finding.ts';
import type { DumpFacts, HeldNames } from '../../model/dump-facts.ts';
import { defineRule, type Rule } from '../rule.ts';
import { at, dumpCommand, isLarge } from './dump-claims.ts';

/** A directory with so many names that do not exist is worth a word. */
const FEWEST = 5000;

/** Names that do not exist, kept by the thousand: they look like a leak of dentries and are none. */
export const heldNames: Rule<'dump'> = defineRule({
  id: 'negative-names',
  title: 'names that do not exist, kept in a directory',
  needs: ['dump'],
  examine({ dump }) {
    return dump.directories
      .filter((d) => d.negative >= FEWEST && d.unused >= d.negative * 0.9 && isLarge(d.bytes, dump.ram))
      .slice(0, 3)
      .map((d) => describe(d, dump));
  },
});

function describe(names: HeldNames, { file, ram }: DumpFacts): Finding {
  const { path, fileSystem, negative, unused, bytes, samples } = names;
  const source = at(file, samples[0] ?? '');
  return {
    id: 'negative-names',
    title: `${spellCount(negative)} names that do not exist under ${path} (${fileSystem}): ${spellBytes(bytes)}`,
    summary: `Not lost: ${spellBytes(bytes)} (${spellShare(bytes / ram)} of RAM) are ${spellCount(negative)} dentries of names that do not exist under ${path} (${fileSystem}); nobody holds them, and they are given back when memory is short.`,
    verdict: 'not-a-leak',
    layer: 'slab-reclaimable',
    confidence: 0.95,
    bytes,
    objects: negative,
    subject: { cache: 'dentry', type: 'struct dentry', path, names: names.names.slice(0, 6) },
    evidence: [
      {
        text: `${spellCount(negative)} dentries of that directory have no inode; ${spellCount(unused)} are held by nobody and on the LRU list`,
        source,
      },
      ...(names.names.length > 0 ? [{ text: `names such as ${names.names.slice(0, 3).join(', ')}`, source }] : []),
    ],
    next: [
      {
        command: 'sync && echo 2 > /proc/sys/vm/drop_caches',
        why: `gives back about ${spellBytes(bytes)}; costs look-up speed for a while: off-peak`,
        risk: 'low',
      },
      dumpCommand(file, 'dentries', 'all directories'),
    ],
    terms: ['dentry', 'negative dentry'],
  };
}

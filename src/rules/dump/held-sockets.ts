import { spellBytes, spellCount } from '../../base/spelling.ts';
import type { Finding } from '../../findings/finding.ts';
import type { HeldSockets } from '../../model/dump-facts.ts';
import { listSockets } from '../next-steps.ts';
import { defineRule, type Rule } from '../rule.ts';
import { at, dumpCommand, isLarge } from './dump-claims.ts';

const FEWEST = 2000;

/** A process that has thousands of sockets open is their owner, and the kernel leaks nothing. */
export const heldSockets: Rule<'dump'> = defineRule({
  id: 'process-sockets',
  title: 'sockets that a process has open',
  needs: ['dump'],
  examine({ dump }) {
    return dump.sockets
      .filter((s) => s.owner !== undefined && s.sockets >= FEWEST && isLarge(s.bytes, dump.ram))
      .slice(0, 3)
      .map((s) => describe(s, dump.file));
  },
});

function describe({ protocol, state, owner, sockets, bytes, samples }: HeldSockets, file: string): Finding {
  const who = `${owner?.comm ?? ''} (pid ${owner?.pid ?? 0})`;
  return {
    id: 'process-sockets',
    title: `${who} has ${spellCount(sockets)} ${protocol} sockets open`,
    summary: `Not a leak of the kernel: ${spellCount(sockets)} ${protocol} sockets (${state}, ${spellBytes(bytes)} of inodes) are open in ${who}; they go when it closes them or ends.`,
    verdict: 'not-a-leak',
    layer: 'slab-reclaimable',
    confidence: 0.9,
    bytes,
    objects: sockets,
    subject: { cache: 'sock_inode_cache' },
    owner: { kind: 'process', name: owner?.comm ?? '' },
    evidence: [{ text: `each of them is in the table of open files of ${who}`, source: at(file, samples[0] ?? '') }],
    next: [listSockets, dumpCommand(file, 'sockets', 'all sockets by owner')],
    terms: ['socket'],
  };
}

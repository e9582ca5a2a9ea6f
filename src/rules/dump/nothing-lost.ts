import { spellBytes, spellCount } from '../../base/spelling.ts';
import type { Finding } from '../../findings/finding.ts';
import type { DumpFacts } from '../../model/dump-facts.ts';
import { secondSnapshot } from '../next-steps.ts';
import { defineRule, type Rule } from '../rule.ts';
import { at, dumpCommand, FEWEST } from './dump-claims.ts';

/** Of a thousand objects in use, more than this lost say that something is. */
const FEW = 0.0005;
/** Of RAM: pages that are known by number only, which every kernel has some of. */
const FEW_PAGES = 0.005;

/** A dump in which everything in use can be reached and no count is too high: what lost memory would contradict. */
export const nothingLost: Rule<'dump'> = defineRule({
  id: 'nothing-lost',
  title: 'a dump in which nothing is lost',
  needs: ['dump'],
  examine({ dump }) {
    const lost = dump.lost.reduce((sum, { objects }) => sum + objects, 0);
    const pages = dump.lostMemory.reduce((sum, { bytes }) => sum + bytes, 0);
    const clean = lost <= Math.max(FEWEST, dump.scanned.objects * FEW) && pages <= dump.ram * FEW_PAGES;
    const percpu = (dump.lostPercpu ?? []).some(({ areas }) => areas >= FEWEST);
    return clean && !percpu && dump.unbalanced.length === 0 && dump.scanned.objects > 0 ? [describe(dump, lost)] : [];
  },
});

function describe(dump: DumpFacts, lost: number): Finding {
  const { scanned, missing, file } = dump;
  const all = lost === 0 ? 'all' : `all but ${spellCount(lost)} of the`;
  const objects = `${all} ${spellCount(scanned.objects)} objects in use`;
  const unseen = missing === 0 ? '' : ` ${spellBytes(missing)} that may hold more are not in the dump.`;
  return {
    id: 'nothing-lost',
    title: `${objects} can be reached, and no count of references is too high`,
    summary: `No leak shows in the dump: ${objects} can be reached.${unseen} What only grows could still be a leak: a list that is never emptied can be reached.`,
    verdict: 'not-a-leak',
    layer: 'none',
    confidence: missing === 0 ? 0.8 : 0.7,
    evidence: [
      {
        text: `searched ${spellBytes(scanned.bytes)} of kernel memory (${spellCount(scanned.words)} words): they lead to ${objects}`,
        source: at(file, '0'.repeat(16)),
      },
    ],
    next: [secondSnapshot, dumpCommand(file, 'slabs', 'what the caches hold, the largest first')],
    terms: ['unreachable', 'reference count'],
  };
}

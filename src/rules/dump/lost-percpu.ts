import { spellBytes, spellCount } from '../../base/spelling.ts';
import type { Finding } from '../../findings/finding.ts';
import type { DumpFacts, LostPercpu } from '../../model/dump-facts.ts';
import { defineRule, type Rule } from '../rule.ts';
import { at, dumpCommand, FEWEST, isLarge, mayBeHeld, sweepEvidence } from './dump-claims.ts';

/** Areas that alloc_percpu() gave out and whose pointer nobody has any more. */
export const lostPercpu: Rule<'dump'> = defineRule({
  id: 'unreferenced-percpu',
  title: 'per-CPU memory that nothing refers to',
  needs: ['dump'],
  examine({ dump }) {
    return (dump.lostPercpu ?? [])
      .filter(({ areas }) => areas >= FEWEST && !mayBeHeld(dump, areas))
      .map((lost) => describe(lost, dump));
  },
});

function describe(lost: LostPercpu, dump: DumpFacts): Finding {
  const { size, areas, cpus, bytes, owner, samples, referencedAlike } = lost;
  const { file, foreignModules } = dump;
  const source = at(file, samples[0] ?? '');
  const who = owner === undefined ? '' : `; they name ${owner.function} of module ${owner.module}`;
  const foreign = foreignModules.slice(0, 4).join(', ');
  const suspects =
    owner !== undefined || foreign === ''
      ? ''
      : ` Their content names no module; those from outside of the kernel's tree are ${foreign}.`;
  const many = areas >= 1000 ? 0.1 : areas >= 100 ? 0.05 : 0;
  return {
    id: 'unreferenced-percpu',
    title: `${spellCount(areas)} per-CPU areas of ${spellBytes(size)}, ${spellBytes(bytes)} on ${cpus === 1 ? '1 CPU' : `${cpus} CPUs`}, that nothing refers to${who}`,
    summary: `${spellCount(areas)} areas of per-CPU memory (${spellBytes(size)} for each CPU, ${spellBytes(bytes)} together) were taken with alloc_percpu() and nothing in memory has their pointer any more: free_percpu() was forgotten${who}.${suspects}`,
    verdict: 'leak',
    layer: 'percpu',
    confidence: Math.min(0.97, (isLarge(bytes, dump.ram) ? 0.78 : 0.65) + many + (dump.missing === 0 ? 0.05 : 0)),
    bytes,
    objects: areas,
    ...(owner ? { owner: { kind: 'module', name: owner.module, function: owner.function } } : {}),
    evidence: [
      sweepEvidence(dump, samples[0] ?? ''),
      {
        text: `the maps of the per-CPU allocator have them as given out; no word is the pointer to one of them or an address in the copy of any CPU: ${samples.slice(0, 3).join(', ')} (first CPU)`,
        source,
      },
      ...(referencedAlike === 0
        ? []
        : [{ text: `areas of the same size that are referred to: ${spellCount(referencedAlike)}`, source }]),
    ],
    next: [
      dumpCommand(file, 'percpu', 'per-CPU memory by chunk and size'),
      {
        command: String.raw`grep -rn 'alloc_percpu\|free_percpu' .`,
        why: 'in the source of the modules from outside of the tree: an allocation without its free, on error paths too',
        risk: 'none',
      },
    ],
    terms: ['per-CPU memory', 'unreachable'],
  };
}

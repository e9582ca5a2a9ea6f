import { spellBytes, spellCount, spellThings } from '../../base/spelling.ts';
import { sumBytes } from '../../base/units.ts';
import type { Evidence, Finding } from '../../findings/finding.ts';
import type { DumpFacts, Unbalanced } from '../../model/dump-facts.ts';
import { defineRule, type Rule } from '../rule.ts';
import { at, dumpCommand, mayBeHeld, whoPoints } from './dump-claims.ts';

/** Fewer may be on their way between two owners; of dentries, which are looked up all the time, more. */
const FEWEST = 10;
const FEWEST_DENTRIES = 20;

/** Counts that nothing in memory accounts for: somebody took references and did not give them back. */
export const unbalancedCounts: Rule<'dump'> = defineRule({
  id: 'unbalanced-references',
  title: 'reference counts above what refers to the object',
  needs: ['dump'],
  examine({ dump }) {
    const byType = new Map<string, [Unbalanced, ...Unbalanced[]]>();
    for (const group of dump.unbalanced) {
      const fewest = group.type === 'struct dentry' ? FEWEST_DENTRIES : FEWEST;
      if (group.objects < fewest || mayBeHeld(dump, group.objects * (group.recorded - group.found))) continue;
      const known = byType.get(group.type);
      if (known) known.push(group);
      else byType.set(group.type, [group]);
    }
    return [...byType.values()].map((groups) => describe(groups, dump));
  },
});

function describe(groups: readonly [Unbalanced, ...Unbalanced[]], dump: DumpFacts): Finding {
  const [first] = groups;
  const objects = groups.reduce((sum, group) => sum + group.objects, 0);
  const bytes = sumBytes(groups.map((group) => group.bytes));
  const systems = [...new Set(groups.flatMap(({ fileSystem }) => fileSystem ?? []))];
  const on = systems.length === 0 ? '' : ` on ${systems.join(' and ')}`;
  const closed = systems.includes('sockfs') ? ' The sockets among them are closed.' : '';
  const together = systems.flatMap((system) => INODES[system] ?? []);
  const paths = groups.some(({ mountExcess = 0 }) => mountExcess > 1);
  const foreign = dump.foreignModules.slice(0, 4).join(', ');
  const suspects = foreign === '' ? '' : ` Modules from outside of the kernel's tree: ${foreign}.`;
  return {
    id: 'unbalanced-references',
    title: `${spellCount(objects)} ${first.type}${on} with a count that nothing accounts for, ${spellBytes(bytes)}`,
    summary: `${spellCount(objects)} ${first.type}${on} (${spellBytes(bytes)}) are kept by references that nothing in memory holds: they were taken${paths ? ' (path_get)' : ''} and not given back.${first.isUnproven ? ' Counts of this type were not held against healthy kernels.' : ''}${closed}${suspects}`,
    verdict: first.isUnproven ? 'inconclusive' : 'leak',
    layer: first.reclaimable ? 'slab-reclaimable' : 'slab-unreclaimable',
    confidence: first.isUnproven
      ? 0.6
      : Math.min(0.98, 0.85 + (objects >= 1000 ? 0.08 : 0) + (dump.missing === 0 ? 0.05 : 0)),
    bytes,
    objects,
    subject: { cache: first.cache, type: first.type, ...(together.length > 0 ? { together } : {}) },
    evidence: [
      countEvidence(first, dump.file),
      ...groups.slice(1, 4).map((group) => countEvidence(group, dump.file)),
      ...holderEvidence(groups, dump),
    ],
    next: [
      {
        command: first.type === 'struct dentry' ? 'kleak known path_get' : 'kleak known reference',
        why: 'what is known of references that are not given back',
        risk: 'none',
      },
      dumpCommand(dump.file, 'refcounts', 'all counts that disagree'),
      whoPoints(dump.file, first.samples[0] ?? ''),
    ],
    terms: ['reference count', 'dentry'],
  };
}

/** Caches of the inodes that dentries of these file systems keep. */
const INODES: Readonly<Record<string, string>> = { sockfs: 'sock_inode_cache', tmpfs: 'shmem_inode_cache' };

function countEvidence({ objects, recorded, found, fileSystem, member, samples }: Unbalanced, file: string): Evidence {
  const where = fileSystem === undefined ? '' : ` of ${fileSystem}`;
  const by = member === undefined ? '' : ` (${member})`;
  return {
    text: `${spellCount(objects)}${where} record ${spellThings(recorded, 'reference')}${by}, and ${found === 0 ? 'none is' : `${found} are`} in memory: ${samples.slice(0, 3).join(', ')}`,
    source: at(file, samples[0] ?? ''),
  };
}

function holderEvidence(groups: readonly Unbalanced[], { file }: DumpFacts): readonly Evidence[] {
  const source = at(file, groups[0]?.samples[0] ?? '');
  return [
    ...groups
      .filter(({ mountExcess = 0 }) => mountExcess > 1)
      .map(({ fileSystem = '', mountExcess = 0 }) => ({
        text: `mounts of ${fileSystem} have ${spellCount(mountExcess)} references too many: whole paths (struct path) were taken, not dentries alone`,
        source,
      })),
    { text: 'no holder was found: nobody keeps these addresses, so whoever took the references forgot them', source },
  ];
}

import { spellBytes, spellCount } from '../../base/spelling.ts';
import { bytes as toBytes } from '../../base/units.ts';
import type { Evidence, Finding } from '../../findings/finding.ts';
import type { CgroupPinFacts, DumpFacts, DyingCgroups } from '../../model/dump-facts.ts';
import { defineRule, type Rule } from '../rule.ts';
import { at, dumpCommand, isLarge, whoPoints } from './dump-claims.ts';

const FEWEST = 10;
/** So much of them has one cause, and it is the answer. */
const MOST_OF = 0.8;

/** Memory cgroups that users removed and the kernel keeps, with what keeps them. */
export const dyingCgroups: Rule<'dump'> = defineRule({
  id: 'dying-cgroups',
  title: 'dying memory cgroups, and what keeps them',
  needs: ['dump'],
  examine({ dump }) {
    const { dyingCgroups: groups } = dump;
    if (!groups || groups.dying < FEWEST || !isLarge(weight(groups), dump.ram)) return [];
    return [describe(groups, dump)];
  },
});

const weight = ({ charged = toBytes(0), ownBytes }: DyingCgroups): number => charged + ownBytes;

function describe(groups: DyingCgroups, dump: DumpFacts): Finding {
  const { dying, pins, paths, samples, unaccounted } = groups;
  const [main] = pins;
  const isLost = unaccounted >= Math.max(FEWEST, dying * MOST_OF) && dump.missing === 0;
  const cached = isKeptBy(groups, ({ reclaimable }) => reclaimable);
  const filed = cached || isKeptBy(groups, ({ by }) => by.startsWith('shmem'));
  const kept = isLost
    ? 'by references that nothing in memory accounts for'
    : main === undefined
      ? 'and nothing that was looked at keeps them'
      : `by ${nameOf(main.by)}`;
  const bytes = toBytes(weight(groups));
  return {
    id: 'dying-cgroups',
    title: `${spellCount(dying)} memory cgroups are gone for users and kept ${kept}: ${spellBytes(bytes)}`,
    summary: `${spellCount(dying)} of ${spellCount(groups.cgroups)} memory cgroups were removed and are kept ${kept}, with ${spellBytes(bytes)}, such as ${paths.slice(0, 2).join(' and ')}. ${consequence(isLost, cached, filed)}`,
    verdict: isLost ? 'leak' : filed ? 'not-a-leak' : 'inconclusive',
    layer: layerOf(groups, isLost),
    confidence: cached ? 0.8 : isLost || filed ? 0.7 : 0.6,
    bytes,
    objects: dying,
    subject: { type: 'struct mem_cgroup', names: groups.files.slice(0, 4) },
    owner: { kind: 'subsystem', name: 'memory cgroups' },
    evidence: [countEvidence(groups, dump), ...pinEvidence(groups, dump)],
    next: [
      dumpCommand(dump.file, 'cgroups', 'every memory cgroup, what is charged to it and what keeps it'),
      ...(isLost ? [whoPoints(dump.file, samples[0] ?? '')] : []),
      {
        command:
          'grep -r . /sys/fs/cgroup/cgroup.stat; sync && echo 2 > /proc/sys/vm/drop_caches; grep -r . /sys/fs/cgroup/cgroup.stat',
        why: 'nr_dying_descendants before and after: those that only cached files keep go away. Off-peak',
        risk: 'low',
      },
    ],
    terms: ['memory cgroup', 'dying cgroup'],
  };
}

/** A member of a struct that only insiders know, in words. */
const nameOf = (by: string): string =>
  by === 'struct bdi_writeback.memcg_css' ? 'writeback of files that they wrote (struct bdi_writeback)' : by;

/** Whether pins of one sort keep most of them. */
const isKeptBy = ({ pins, dying }: DyingCgroups, of: (pin: CgroupPinFacts) => boolean): boolean =>
  pins.some((pin) => of(pin) && pin.cgroups >= dying * MOST_OF);

function consequence(isLost: boolean, cached: boolean, filed: boolean): string {
  if (isLost) return 'Whoever took these references did not give them back.';
  if (cached) return 'Cached pages of files keep them: they go when memory is short, or when the files are deleted.';
  if (filed) return 'Files in memory (tmpfs) that they wrote keep them, until those files are deleted.';
  return 'They go when what keeps them goes.';
}

/** Where most of the memory is. */
function layerOf({ pins, charged = toBytes(0), ownBytes }: DyingCgroups, isLost: boolean): Finding['layer'] {
  if (isLost || charged <= ownBytes) return 'percpu';
  const [most] = pins.toSorted((a, b) => (b.bytes ?? 0) - (a.bytes ?? 0));
  if (most?.reclaimable === true) return 'page-cache';
  if (most?.by.startsWith('shmem') === true) return 'shmem';
  return most?.by === 'anonymous memory' ? 'user' : 'slab-unreclaimable';
}

function countEvidence({ dying, charged, ownBytes, samples, paths }: DyingCgroups, { file }: DumpFacts): Evidence {
  const holds = charged === undefined ? '' : ` ${spellBytes(charged)} are charged to them,`;
  return {
    text: `${spellCount(dying)} struct mem_cgroup are offline and still on the list of their parent:${holds} their own structs take ${spellBytes(ownBytes)} at least, such as ${paths[0] ?? ''} at ${samples[0] ?? ''}`,
    source: at(file, samples[0] ?? ''),
  };
}

function pinEvidence({ pins, unaccounted, files, samples }: DyingCgroups, { file }: DumpFacts): readonly Evidence[] {
  const source = at(file, samples[0] ?? '');
  const named = files.length === 0 ? '' : `; files such as ${files.slice(0, 2).join(', ')}`;
  return [
    ...pins.slice(0, 4).map(({ by, cgroups, bytes }, i) => ({
      text: `${by} keeps ${spellCount(cgroups)} of them${bytes === undefined ? '' : `, ${spellBytes(bytes)}`}${i === 0 ? named : ''}`,
      source,
    })),
    ...(unaccounted === 0
      ? []
      : [
          {
            text: `${spellCount(unaccounted)} have references that no page, no child and no word in memory accounts for`,
            source,
          },
        ]),
  ];
}

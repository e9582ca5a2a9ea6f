import type { Evidence, Finding } from '../../findings/finding.ts';
import type { Fleet, FleetAssociation, FleetLeak } from '../../findings/fleet.ts';
import { spellCount, spellRate, spellShare, spellThings } from '../../base/spelling.ts';

/** What this rule looks at: the parts of the document that were measured. */
export type FleetMeasured = Pick<
  Fleet,
  'hosts' | 'leaking' | 'association' | 'equalAssociations' | 'from' | 'to' | 'load'
>;

/** Hosts of one layer make one finding, the layer with the most hosts first. */
export function examineFleet(fleet: FleetMeasured): readonly Finding[] {
  const layers = Map.groupBy(fleet.leaking, ({ layer }) => layer);
  return [...layers.values()]
    .toSorted((a, b) => b.length - a.length)
    .flatMap((leaks, i) => describe(leaks, fleet, i === 0));
}

function describe(leaks: readonly FleetLeak[], fleet: FleetMeasured, first: boolean): readonly Finding[] {
  const [fastest] = leaks;
  if (!fastest) return [];
  const { association, hosts, from, to, load } = fleet;
  const signals = [...new Set(leaks.map(({ signal }) => signal))].join(', ');
  const source = { kind: 'line', file: load.server, line: 1 } as const;
  const evidence: [Evidence, ...Evidence[]] = [
    {
      text: `${signals} rises on ${spellThings(leaks.length, 'host')} of ${spellCount(hosts.total)} from ${from} to ${to}: ${leaks
        .slice(0, 5)
        .map(spellHost)
        .join('; ')}${leaks.length > 5 ? '; …' : ''}`,
      source,
    },
    ...(first && association ? associationEvidence(association).map((text) => ({ text, source })) : []),
  ];
  const cache = mostCommon(leaks.flatMap(({ caches = [] }) => caches.slice(0, 1).map((one) => one.cache)));
  const owner = first && association ? ownerOf(association) : undefined;
  const title = `${spellThings(leaks.length, 'host')} of ${spellCount(hosts.total)} ${leaks.length === 1 ? 'loses' : 'lose'} memory: ${signals}${cache === undefined ? '' : `, cache ${cache}`}`;
  return [
    {
      id: 'fleet-host-leaks',
      title,
      summary: first ? summarise(fleet) : `${title}.`,
      verdict: 'growth',
      layer: fastest.layer,
      // Hosts are many, so that the growth itself is sure; whether nothing could free it the metrics cannot say.
      confidence: first && association ? 0.9 : 0.8,
      rate: fastest.rate,
      ...(cache === undefined ? {} : { subject: { cache } }),
      ...(owner ? { owner } : {}),
      evidence,
      next: [
        {
          command: `kleak snapshot -o ${fastest.host.replaceAll(/[^\w.-]/g, '_')}.tar.gz`,
          why: `on ${fastest.host}: all that diagnose reads, in one archive; a second one an hour later shows which cache`,
          risk: 'none',
        },
        ...(owner
          ? [
              {
                command: `kleak known ${owner.name}`,
                why: 'what is known of it',
                risk: 'none' as const,
              },
            ]
          : []),
      ],
    },
  ];
}

const spellHost = ({ host, rate, shareOfRamPerDay }: FleetLeak): string =>
  `${host} ${spellRate(rate.bytesPerHour)} (${spellShare(shareOfRamPerDay)} of RAM a day)`;

function summarise({ hosts, leaking, association }: FleetMeasured): string {
  const signals = [...Map.groupBy(leaking, ({ signal }) => signal)].toSorted(([, a], [, b]) => b.length - a.length);
  const where =
    signals.length === 1 ? (signals[0]?.[0] ?? '') : signals.map(([name, of]) => `${name} on ${of.length}`).join(', ');
  const title = `${spellThings(leaking.length, 'host')} of ${spellCount(hosts.total)} ${leaking.length === 1 ? 'loses' : 'lose'} memory (${where})`;
  const ended = leaking.filter(({ until }) => until !== undefined).length;
  const still = ended === 0 ? '' : ` On ${spellThings(ended, 'host')} it has ended.`;
  if (!association) return `${title}. No attribute that the metrics know separates them from the others.${still}`;
  const { withIt, withoutIt } = association;
  return `${title}. Associated with ${association.label}: ${withIt.leaking} of ${withIt.leaking + withIt.healthy} hosts with it, ${withoutIt.leaking} of ${withoutIt.leaking + withoutIt.healthy} without it.${still}`;
}

function associationEvidence({ label, oddsRatio, withIt, withoutIt, onset }: FleetAssociation): readonly string[] {
  const { value, low, high } = oddsRatio;
  return [
    `associated with ${label}: with it ${withIt.leaking} leak and ${withIt.healthy} do not, without it ${withoutIt.leaking} and ${withoutIt.healthy}; odds ratio ${spellOdds(value)} (${spellOdds(low)} to ${spellOdds(high)})`,
    ...(onset && onset.changed > 0
      ? [
          `the leak began within two days of the change to it on ${onset.aligned} of ${spellThings(onset.changed, 'host')} that changed while watched`,
        ]
      : []),
  ];
}

const spellOdds = (odds: number): string => (odds >= 100 ? spellCount(Math.round(odds)) : odds.toPrecision(2));

/** A driver, a module, a package is somebody; a data centre is not. */
function ownerOf({ attributes }: FleetAssociation): Finding['owner'] {
  for (const attribute of attributes) {
    const [kind, name] = attribute.split(' ');
    if (name === undefined) continue;
    if (kind === 'driver' || kind === 'module') return { kind, name };
    if (kind === 'package') return { kind: 'program', name };
  }
  return undefined;
}

/** The one that most hosts have; none where it is not that of half of them. */
function mostCommon(names: readonly string[]): string | undefined {
  const counts = Map.groupBy(names, (name) => name);
  const [first] = [...counts].toSorted(([, a], [, b]) => b.length - a.length);
  return first && first[1].length * 2 >= names.length ? first[0] : undefined;
}

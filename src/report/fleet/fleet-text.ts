import { spellBytes, spellCount, spellDuration, spellRate, spellShare, spellThings } from '../../base/spelling.ts';
import type { Fleet, FleetAssociation, FleetLeak, FleetTwins } from '../../findings/fleet.ts';
import { escapeTerminal } from '../escape.ts';
import { VERDICT_WORDS } from '../words.ts';

/** Hosts listed; the document has all. */
const MOST = 20;
/** `1,023 KiB a day`. */
const RATE = 14;

/** `kleak fleet` for people. */
export function renderFleet(fleet: Fleet, all = false): string {
  const { hosts, leaking } = fleet;
  const shown = all ? leaking : leaking.slice(0, MOST);
  return [
    ...wrapped(`${VERDICT_WORDS[fleet.verdict]}  ${fleet.summary}`),
    '',
    `  ${spellThings(hosts.total, 'host')}, ${fleet.from.slice(0, 16)} to ${fleet.to.slice(0, 16)}, a sample every ${spellDuration(fleet.stepSeconds)}`,
    `  ${hosts.leaking} ${hosts.leaking === 1 ? 'loses' : 'lose'} memory, ${hosts.healthy} ${hosts.healthy === 1 ? 'does' : 'do'} not, of ${hosts.untold} too little is known`,
    ...(shown.length > 0 ? ['', ...table(shown)] : []),
    ...(leaking.length > shown.length ? [`  … and ${leaking.length - shown.length} more (--all)`] : []),
    ...associationLines(fleet),
    ...fleet.twins.slice(0, all ? undefined : 2).flatMap(twinLines),
    ...next(fleet),
    '',
    ...fleet.lacks.flatMap((line) => wrapped(`  lacks: ${line}`)),
    ...fleet.unread.slice(0, all ? undefined : 5).map(({ what, why }) => `  unread: ${what}: ${why}`),
    ...(fleet.unread.length > 5 && !all ? [`  … and ${fleet.unread.length - 5} more (--all)`] : []),
    `  asked ${fleet.load.server}: ${spellThings(fleet.load.queries, 'query').replace('querys', 'queries')}, ${spellCount(fleet.load.samples)} samples, ${spellBytes(fleet.load.bytes)}, ${fleet.load.seconds.toFixed(1)} s of waiting, one query at a time`,
    '',
  ]
    .map(escapeTerminal)
    .join('\n');
}

function table(leaks: readonly FleetLeak[]): readonly string[] {
  const width = Math.min(36, Math.max(4, ...leaks.map(({ host }) => host.length)));
  const head = `  ${'host'.padEnd(width)}  ${'rate'.padStart(RATE)}  ${'of RAM/day'.padStart(10)}  ${'left'.padStart(9)}  what rises, since when`;
  return [head, ...leaks.map((leak) => row(leak, width))];
}

function row({ host, rate, shareOfRamPerDay, signal, since, until, caches }: FleetLeak, width: number): string {
  const left = rate.hoursLeft === undefined ? '' : spellDuration(rate.hoursLeft * 3600);
  const when = [
    since === undefined ? 'all the time' : `since ${since.slice(0, 10)}`,
    ...(until === undefined ? [] : [`until ${until.slice(0, 10)}`]),
  ].join(' ');
  const what = caches?.[0] ? `${signal} (${caches[0].cache})` : signal;
  return `  ${host.padEnd(width)}  ${spellRate(rate.bytesPerHour).padStart(RATE)}  ${spellShare(shareOfRamPerDay).padStart(10)}  ${left.padStart(9)}  ${what}, ${when}`;
}

function associationLines(fleet: Fleet): readonly string[] {
  const { association, equalAssociations, otherAssociations, tried, leaking } = fleet;
  if (leaking.length === 0) return [];
  if (!association)
    return ['', `  What separates them: nothing of ${spellThings(tried, 'attribute value')} that the metrics know`];
  return [
    '',
    '  What separates them (associated with, which is not caused by)',
    ...describe(association),
    ...equalAssociations.flatMap((one) => [`  as well, these hosts cannot tell them apart: ${one.label}`]),
    ...otherAssociations.map(
      ({ label, withIt, withoutIt }) =>
        `  weaker: ${label}: ${withIt.leaking} of ${withIt.leaking + withIt.healthy}, without ${withoutIt.leaking} of ${withoutIt.leaking + withoutIt.healthy}`,
    ),
  ];
}

function describe({ label, withIt, withoutIt, oddsRatio, onset, contradicting }: FleetAssociation): readonly string[] {
  const odds = (value: number): string => (value >= 100 ? spellCount(Math.round(value)) : value.toPrecision(2));
  return [
    `  ${label}`,
    `    with it     ${withIt.leaking} of ${withIt.leaking + withIt.healthy} leak`,
    `    without it  ${withoutIt.leaking} of ${withoutIt.leaking + withoutIt.healthy} leak`,
    `    odds ratio  ${odds(oddsRatio.value)} (95 %: ${odds(oddsRatio.low)} to ${odds(oddsRatio.high)})`,
    ...(onset
      ? [
          `    onset       within two days of the change on ${onset.aligned} of ${spellThings(onset.changed, 'host')} that changed`,
        ]
      : []),
    ...against('with it and healthy', contradicting.healthyWithIt, withIt.healthy),
    ...against('without it and leaking', contradicting.leakingWithoutIt, withoutIt.leaking),
  ];
}

const against = (what: string, names: readonly string[], count: number): readonly string[] =>
  count === 0 ? [] : [`    against     ${count} ${what}: ${names.slice(0, 4).join(', ')}${count > 4 ? ', …' : ''}`];

const twinLines = ({ host, peers, shared, differs }: FleetTwins): readonly string[] => [
  '',
  `  ${host} beside ${peers} healthy ${peers === 1 ? 'host' : 'hosts'} most like it (${shared.slice(0, 4).join(', ') || 'no attribute in common to all'})`,
  ...(differs.length === 0 ? ['    differs in nothing that the metrics know'] : []),
  ...differs
    .slice(0, 4)
    .map(({ attribute, value, peersWithIt }) => `    ${attribute} = ${value}: ${peersWithIt} of ${peers} have that`),
];

const next = ({ findings }: Fleet): readonly string[] =>
  findings.length === 0
    ? []
    : [
        '',
        ...findings
          .slice(0, 1)
          .flatMap((one) => one.next)
          .map(({ command, why }) => `  next  ${command}    ${why}`),
      ];

function wrapped(text: string, width = 100): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line.length + word.length + 1 > width && line.trim() !== '') {
      lines.push(line);
      line = `      ${word}`;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

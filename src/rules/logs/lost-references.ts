import { spellCount } from '../../base/spelling.ts';
import type { Finding } from '../../findings/finding.ts';
import type { KernelEvent } from '../../model/snapshot.ts';
import { defineRule, type Rule } from '../rule.ts';
import { explainComplaint } from './explain-complaint.ts';

type Complained = Extract<KernelEvent, { kind: 'complaint' }>;

/** Findings for more kinds of complaint than this say nothing more. */
const MOST = 6;

/** Lines by which the kernel says that a reference, a page or a mapping was not given back, or that a table is full. */
export const lostReferences: Rule<'events'> = defineRule({
  id: 'lost-reference',
  title: 'log lines that say a reference, a page or a mapping was not given back',
  needs: ['events'],
  examine({ events }) {
    const kinds = new Map<string, Complained[]>();
    for (const e of events)
      if (e.kind === 'complaint') kinds.set(kindOf(e), [...(kinds.get(kindOf(e)) ?? []), e].slice(0, 200));
    return [...kinds.values()].flatMap((group) => describe(group) ?? []).slice(0, MOST);
  },
});

/** Complaints of one kind about one thing are one finding; all page pools together are one. */
function kindOf({ what, text }: Complained): string {
  return what === 'netdevice-reference' ? `${what} ${/waiting for (\S+)/.exec(text)?.[1] ?? ''}` : what;
}

function describe(group: readonly Complained[]): Finding | undefined {
  const [first] = group;
  const explained = first ? explainComplaint(group, first) : undefined;
  if (!first || !explained) return undefined;
  const times = group.reduce((n, e) => n + e.times, 0);
  const details = group.flatMap((e) => (e.detail === undefined ? [] : [{ text: e.detail, source: e.at }]));
  return {
    id: 'lost-reference',
    ...explained,
    evidence: [
      { text: `${first.text}${times > 1 ? ` (${spellCount(times)} such lines)` : ''}`, source: first.at },
      ...group.slice(1, 3).map((e) => ({ text: e.text, source: e.at })),
      ...details.slice(0, 2),
    ],
  };
}

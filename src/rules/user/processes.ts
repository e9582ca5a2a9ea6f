import { spellBytes, spellCount, spellShare } from '../../base/spelling.ts';
import type { Provenance } from '../../base/provenance.ts';
import { sumBytes, type Bytes } from '../../base/units.ts';
import type { Finding } from '../../findings/finding.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { defineRule, type Rule } from '../rule.ts';
import { kernelHoldsMuch } from './kernel-beyond-caches.ts';

/** Processes hold it: a leak there is the program's, not the kernel's. */
export const userProcesses: Rule<'snapshot', 'accounting' | 'growth'> = defineRule({
  id: 'user-memory',
  title: 'processes hold most of memory',
  needs: ['snapshot'],
  mayUse: ['accounting', 'growth'],
  examine({ snapshot, accounting }): readonly Finding[] {
    const held = accounting?.buckets.find((b) => b.name === 'processes');
    const ram = accounting?.total.bytes;
    const names = byName(snapshot);
    const [top] = names;
    const kill = snapshot.events.find((e) => e.kind === 'out-of-memory');
    if (held && ram !== undefined && held.bytes >= ram * 0.55 && !kernelHoldsMuch(snapshot)) {
      const killed = kill !== undefined;
      const share = spellShare(held.bytes / ram);
      return [
        {
          id: 'user-memory',
          title: `processes hold ${spellBytes(held.bytes)} (${share} of RAM)${top ? `, most of it ${top.name}` : ''}`,
          summary: `${killed ? (kill.trigger === undefined && kill.killed === undefined ? 'User space fills memory' : 'Memory ran out in user space') : 'Not lost by the kernel'}: processes hold ${spellBytes(held.bytes)} (${share} of RAM)${top ? `, ${top.name} ${spellBytes(top.bytes)}` : ''}.`,
          verdict: killed ? 'growth' : 'not-a-leak',
          layer: 'user',
          confidence: killed ? 0.7 : 0.75,
          bytes: held.bytes,
          ...(top ? { owner: { kind: 'process', name: top.name } } : {}),
          evidence: [
            {
              text: `anonymous memory: ${spellBytes(held.bytes)} (${held.from.join(', ')})`,
              source: held.at[0] ?? accounting?.total.at ?? derived,
            },
            ...names.slice(0, 3).map((n) => ({
              text: `${n.name}: ${spellBytes(n.bytes)} in ${spellCount(n.count)} processes`,
              source: n.at,
            })),
          ],
          next: [
            {
              command: 'ps -eo rss,pss,pid,comm --sort -rss | head',
              why: 'which process grows: again in an hour',
              risk: 'none',
            },
          ],
          terms: ['anonymous memory', 'PSS'],
        },
      ];
    }
    return kill ? pileUp(names) : [];
  },
});

const derived: Provenance = { kind: 'derived', from: [], by: 'accounting' };

interface NamedUse {
  readonly name: string;
  readonly count: number;
  readonly bytes: Bytes;
  readonly at: Provenance;
}

/** An out-of-memory task list that is one program many times over: it starts faster than it ends. */
function pileUp(names: readonly NamedUse[]): readonly Finding[] {
  const [most] = names.toSorted((a, b) => b.count - a.count);
  const all = names.reduce((n, x) => n + x.count, 0);
  if (!most || most.count < 10 || most.count < all * 0.5) return [];
  return [
    {
      id: 'user-memory',
      title: `${spellCount(most.count)} processes named ${most.name} pile up`,
      summary: `${spellCount(most.count)} of ${spellCount(all)} listed processes are ${most.name}: it is started faster than it ends.`,
      verdict: 'growth',
      layer: 'user',
      confidence: 0.65,
      bytes: most.bytes,
      objects: most.count,
      owner: { kind: 'process', name: most.name },
      evidence: [
        {
          text: `${most.name}: ${spellCount(most.count)} processes, ${spellBytes(most.bytes)} resident`,
          source: most.at,
        },
      ],
      next: [
        {
          command: `ps -eo lstart,ppid,stat,wchan:32,comm | grep '${most.name.replaceAll(/[^\w.-]/g, '')}'`,
          why: 'who starts them and what they wait for',
          risk: 'none',
        },
      ],
      terms: ['OOM killer', 'RSS'],
    },
  ];
}

function byName(snapshot: Snapshot): readonly NamedUse[] {
  const uses = new Map<string, NamedUse>();
  const tasks = snapshot.events.flatMap((e) => (e.kind === 'out-of-memory' ? e.tasks : []));
  const processes = snapshot.processes.map((p) => ({ name: p.name, bytes: p.pss ?? p.rss, at: p.at }));
  for (const { name, bytes: size, at } of [
    ...processes,
    ...tasks.map((t) => ({ name: t.name, bytes: t.rss, at: t.at })),
  ]) {
    if (size === undefined) continue;
    const before = uses.get(name);
    uses.set(name, {
      name,
      count: 1 + (before?.count ?? 0),
      bytes: sumBytes([size, ...(before ? [before.bytes] : [])]),
      at: before?.at ?? at,
    });
  }
  return [...uses.values()].filter((u) => u.bytes > 0).toSorted((a, b) => b.bytes - a.bytes);
}

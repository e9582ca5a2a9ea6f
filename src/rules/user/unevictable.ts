import { spellBytes, spellShare } from '../../base/spelling.ts';
import type { Finding } from '../../findings/finding.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { defineRule, type Rule } from '../rule.ts';

/** Pages on the unevictable list: locked by a process, or pinned by a driver (graphics objects), never reclaimed. */
export const unevictable: Rule<'snapshot'> = defineRule({
  id: 'unevictable-large',
  title: 'much of memory is unevictable',
  needs: ['snapshot'],
  examine({ snapshot }): readonly Finding[] {
    const pinned = snapshot.counters.get('Unevictable');
    const ram = snapshot.counters.get('MemTotal')?.bytes ?? listed(snapshot);
    if (!pinned || pinned.bytes < Math.max(1, ram * 0.2)) return [];
    const locked = snapshot.counters.get('Mlocked');
    const shmem = snapshot.counters.get('Shmem');
    const byProcess = locked !== undefined && locked.bytes >= pinned.bytes * 0.7;
    const share = spellShare(pinned.bytes / ram);
    const graphics = snapshot.modules.find((m) =>
      /^(?:i915|xe|amdgpu|radeon|nouveau|v3d|vc4|panfrost|lima|msm)$/.test(m.name),
    );
    return [
      {
        id: 'unevictable-large',
        title: `${spellBytes(pinned.bytes)} (${share} of RAM) are unevictable${byProcess ? ', locked by processes' : ''}`,
        summary: byProcess
          ? `Not lost: ${spellBytes(pinned.bytes)} (${share} of RAM) are unevictable because processes locked them (mlock).`
          : `${spellBytes(pinned.bytes)} (${share} of RAM) are unevictable: pinned in memory, not locked by a process. Graphics objects (i915, amdgpu and others pin their buffers so) and ramfs do that.`,
        verdict: byProcess ? 'not-a-leak' : 'growth',
        layer: byProcess ? 'user' : shmem && shmem.bytes < pinned.bytes * 0.3 ? 'page-cache' : 'shmem',
        confidence: byProcess ? 0.8 : 0.7,
        bytes: pinned.bytes,
        ...(graphics && !byProcess ? { owner: { kind: 'driver', name: graphics.name } } : {}),
        evidence: [
          { text: `Unevictable: ${spellBytes(pinned.bytes)}`, source: pinned.at },
          ...(locked ? [{ text: `Mlocked: ${spellBytes(locked.bytes)}`, source: locked.at }] : []),
          ...(shmem ? [{ text: `Shmem: ${spellBytes(shmem.bytes)}`, source: shmem.at }] : []),
        ],
        next: [
          {
            command: 'grep -E "VmLck|VmPin|Name" /proc/[0-9]*/status; cat /sys/kernel/debug/dri/*/i915_gem_objects',
            why: 'locked by which process, or held by which graphics client',
            risk: 'none',
          },
        ],
        terms: ['mlocked memory', 'shared memory'],
      },
    ];
  },
});

/** Where RAM was not seen (a log that begins late): what the same report lists is a little less than it. */
function listed({ counters }: Snapshot): number {
  const names = [
    'MemFree',
    'Active(anon)',
    'Inactive(anon)',
    'Active(file)',
    'Inactive(file)',
    'Unevictable',
    'SReclaimable',
    'SUnreclaim',
  ];
  return names.reduce((sum, name) => sum + (counters.get(name)?.bytes ?? 0), 0);
}

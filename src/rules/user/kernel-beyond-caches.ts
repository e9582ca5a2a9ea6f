import { spellBytes, spellShare } from '../../base/spelling.ts';
import type { Finding } from '../../findings/finding.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { collectAll } from '../next-steps.ts';
import { defineRule, type Rule } from '../rule.ts';

/** More than kernels use for themselves, by experience: below it, nothing is wrong. */
const MUCH = 0.2;

/**
 * Whether `smem -w`, without meminfo beside it, shows a kernel that holds much outside of its caches: slab, pages of
 * drivers, page tables, stacks and all else in one sum.
 */
export function kernelHoldsMuch({ counters }: Snapshot): boolean {
  const kernel = counters.get('KernelNoncache');
  const total = counters.get('MemTotal');
  return (
    kernel !== undefined && total !== undefined && !counters.has('SUnreclaim') && kernel.bytes >= total.bytes * MUCH
  );
}

/** Only `smem -w`: the kernel's part that is no cache, large, and not told apart. */
export const kernelBeyondCaches: Rule<'snapshot'> = defineRule({
  id: 'kernel-beyond-caches',
  title: 'kernel memory that is no cache (smem)',
  needs: ['snapshot'],
  examine({ snapshot }): readonly Finding[] {
    const kernel = snapshot.counters.get('KernelNoncache');
    const total = snapshot.counters.get('MemTotal');
    if (!kernel || !total || !kernelHoldsMuch(snapshot)) return [];
    const share = spellShare(kernel.bytes / total.bytes);
    return [
      {
        id: 'kernel-beyond-caches',
        title: `the kernel holds ${spellBytes(kernel.bytes)} (${share} of RAM) that is no cache`,
        summary: `The kernel holds ${spellBytes(kernel.bytes)} (${share} of RAM) outside of its caches, more than it usually needs for itself: slab, page tables, huge pages or pages of drivers. smem has them in one sum; meminfo tells which.`,
        verdict: 'inconclusive',
        layer: 'page-allocator',
        confidence: 0.55,
        bytes: kernel.bytes,
        evidence: [{ text: `kernel dynamic memory, noncache: ${spellBytes(kernel.bytes)}`, source: kernel.at }],
        next: [collectAll],
        terms: ['memory equation', 'SUnreclaim'],
      },
    ];
  },
});

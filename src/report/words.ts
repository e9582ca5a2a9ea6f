import type { Layer, NextStep, Owner, Subject, Verdict } from '../findings/finding.ts';
import { plural, spellConfidence } from './amounts.ts';

/** The verdicts as people read them; fixed by the contract. */
export const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  leak: 'LEAK',
  growth: 'SUSPECTED LEAK',
  'not-a-leak': 'NOT A LEAK',
  inconclusive: 'CANNOT TELL',
};

export const LAYER_WORDS: Readonly<Record<Layer, string>> = {
  user: 'processes',
  'page-cache': 'page cache',
  shmem: 'shared memory',
  'slab-reclaimable': 'reclaimable slab',
  'slab-unreclaimable': 'unreclaimable slab',
  vmalloc: 'vmalloc',
  percpu: 'per-CPU memory',
  'page-tables': 'page tables',
  'kernel-stack': 'kernel stacks',
  hugetlb: 'huge pages',
  'page-allocator': 'page allocator',
  balloon: 'balloon',
  none: 'none',
};

/** `confidence 0.93` */
export const confidenceWords = (confidence: number): string => `confidence ${spellConfidence(confidence)}`;

/** What a step can cost; a high risk that is a restart of the machine is called that. */
export function riskWords({ command, why, risk }: NextStep): string {
  switch (risk) {
    case 'none':
      return 'no risk';
    case 'low':
      return 'low risk';
    case 'high':
      return /\bre-?boot|\bboot\b|\bkexec\b|kernel command line/i.test(`${command} ${why}`)
        ? 'needs a reboot'
        : 'high risk';
  }
}

/** `module testmod, example_show()` */
export function ownerWords({ kind, name, function: by }: Owner): string {
  return by === undefined || by === name ? `${kind} ${name}` : `${kind} ${name}, ${by}`;
}

/** What is held, in parts: `cache kmalloc-128 (shared with a, b)`, `type struct x`, `allocated by f`, `at f+0x12`. */
export function subjectWords(subject: Subject): readonly string[] {
  const parts: string[] = [];
  if (subject.cache !== undefined) {
    const served = subject.aliases ? ` (serves ${firstOf(subject.aliases)} too)` : '';
    parts.push(`cache ${subject.cache}${served}${subject.together ? ` with ${firstOf(subject.together)}` : ''}`);
  }
  if (subject.type !== undefined) parts.push(subject.type.includes(' ') ? subject.type : `type ${subject.type}`);
  if (subject.function !== undefined) parts.push(`allocated by ${subject.function}`);
  if (subject.callSite !== undefined && subject.callSite !== subject.function) parts.push(`at ${subject.callSite}`);
  return parts;
}

const firstOf = (names: readonly string[]): string =>
  names.slice(0, 3).join(', ') + (names.length > 3 ? ` and ${names.length - 3} more` : '');

/** `3 references` */
export const referenceWords = (references: readonly string[]): string => plural(references.length, 'reference');

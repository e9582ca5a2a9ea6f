import { bytes } from '../src/base/units.ts';
import type { Diagnosis } from '../src/findings/diagnosis.ts';
import { slabLeak } from './sample-diagnosis.ts';

const MIB = 1024 * 1024;
const file = '/var/crash/202611261200/vmcore';
const sample = 'ffff888101000000';

/** A made document about a crash dump: one thing lost, pages lost, a way from a root. */
export const dumpLeak: Diagnosis = {
  ...slabLeak,
  summary: '300,000 struct seq_operations (9.2 MiB; 98 % of kmalloc-32) are lost: nothing in memory leads to them.',
  findings: [
    {
      id: 'unreachable-objects',
      title: '300,000 × struct seq_operations, 9.2 MiB, that nothing leads to',
      summary: '300,000 struct seq_operations are lost.',
      verdict: 'leak',
      layer: 'slab-unreclaimable',
      confidence: 0.97,
      bytes: bytes(9_646_899),
      objects: 300_000,
      subject: { cache: 'kmalloc-32', type: 'struct seq_operations', function: 'single_open' },
      evidence: [
        {
          text: 'no word in memory holds the address of any of them',
          source: { kind: 'address', file, address: sample },
        },
      ],
      next: [{ command: `kleak core refs ${file} ${sample}`, why: 'who points there', risk: 'none' }],
    },
  ],
  accounting: {
    totalBytes: bytes(256 * MIB),
    buckets: [
      { name: 'free', layer: 'none', label: 'free', bytes: bytes(140 * MIB), from: 'MemFree' },
      {
        name: 'slab-unreclaimable',
        layer: 'slab-unreclaimable',
        label: 'slab, unreclaimable',
        bytes: bytes(18 * MIB),
        from: 'SUnreclaim',
      },
    ],
    unaccountedBytes: bytes(98 * MIB),
    notes: [],
  },
  inputs: [{ kind: 'vmcore', file }],
  dump: {
    file,
    scanned: { bytes: 600 * MIB, words: 75_000_000, objects: 400_000 },
    missingBytes: bytes(3 * MIB),
    caches: [
      {
        name: 'kmalloc-32',
        reclaimable: false,
        objects: 306_000,
        bytes: bytes(9_856_614),
        lost: [{ type: 'struct seq_operations', objects: 300_000, bytes: bytes(9_646_899) }],
      },
      { name: 'dentry', reclaimable: true, objects: 40_000, bytes: bytes(8 * MIB), lost: [] },
    ],
    lost: [
      {
        units: 300_000,
        bytes: bytes(9_646_899),
        parts: [
          { cache: 'kmalloc-32', type: 'struct seq_operations', objects: 300_000, bytes: bytes(9_646_899) },
          { cache: 'kmalloc-64', objects: 3, bytes: bytes(192) },
        ],
        sample: {
          address: sample,
          words: [
            { offset: 0, symbol: 'single_start', member: 'start' },
            { offset: 24, symbol: 'foo_show [foo]' },
          ],
        },
      },
    ],
    lostPages: [{ kind: 'pages', pages: 2, blocks: 11_000, bytes: bytes(86 * MIB), reachable: 512 }],
    chains: [{ to: 'blocks of 2 pages', kept: 512, steps: ['foo_ring [foo]', '2 pages at frame 37638'] }],
  },
};

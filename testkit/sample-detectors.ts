import type { DetectorReport } from '../src/findings/detectors.ts';

/** A report of one place whose function has the given name. */
export function sampleReport(name: string): DetectorReport {
  return {
    schema: 'kleak.diagnosis/1',
    verdict: 'leak',
    layer: 'slab-unreclaimable',
    summary: 'Lost.',
    findings: [],
    unread: [],
    inputs: [],
    snapshots: [],
    series: [],
    skipped: [],
    detector: 'kmemleak',
    sites: [
      {
        function: name,
        module: 'm',
        callers: ['g', 'h'],
        count: 3,
        bytes: 96,
        objectBytes: 32,
        processes: ['p'],
        samples: [],
      },
    ],
    changed: ['wrote scan'],
    limits: ['something'],
  };
}

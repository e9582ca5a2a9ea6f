import type { TextFormat } from '../text/text-format.ts';
import type { AllocationReport } from './allocation-report.ts';
import { allocinfo } from './allocinfo.ts';
import { kedr } from './kedr.ts';
import { kmemleak } from './kmemleak.ts';
import { memleak } from './memleak.ts';
import { pageOwner } from './page-owner.ts';
import { pageOwnerStacks, type PageOwnerStacks } from './page-owner-stacks.ts';
import { slabTraces } from './slab-traces.ts';

/** The formats of this family and what each holds once read. */
export interface DetectorRecords {
  readonly kmemleak: AllocationReport;
  readonly kedr: AllocationReport;
  readonly memleak: AllocationReport;
  readonly page_owner: AllocationReport;
  readonly page_owner_stacks: PageOwnerStacks;
  readonly allocinfo: AllocationReport;
  readonly 'slab-traces': AllocationReport;
}

/** In the order they are asked: those with a marked first line before those that are told by the shape of a stack. */
export const detectorFormats: readonly {
  [K in keyof DetectorRecords]: TextFormat<K, DetectorRecords[K]>;
}[keyof DetectorRecords][] = [kmemleak, kedr, memleak, pageOwner, allocinfo, slabTraces, pageOwnerStacks];

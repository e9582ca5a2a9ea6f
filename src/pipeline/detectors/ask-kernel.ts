import type { DetectorReport, DetectorStatus, KmemleakDump } from '../../findings/detectors.ts';
import { KernelDetectors } from '../../sources/live/kernel-detectors.ts';
import { kmemleakClear, kmemleakDump, kmemleakReport, kmemleakScan, type ScanOptions } from './kmemleak.ts';
import { kmemleakStatus } from './kmemleak-status.ts';
import { pageOwnerReport, pageOwnerStatus } from './page-owner.ts';
import { slabTracesReport, slabTracesStatus } from './slab-traces.ts';

/**
 * The kernel's own detectors on this host. `root` is where its /proc, /sys and /dev are, '' for the running host. All throw
 * InputError where a detector cannot be asked.
 */
export class KernelAsked {
  readonly #root: string;

  constructor(root = '') {
    this.#root = root;
  }

  kmemleakStatus(): Promise<DetectorStatus> {
    return this.#with(kmemleakStatus);
  }

  kmemleakReport(): Promise<DetectorReport> {
    return this.#with(kmemleakReport);
  }

  /** Writes to kmemleak's file. */
  kmemleakScan(options: ScanOptions): Promise<DetectorReport> {
    return this.#with((detectors) => kmemleakScan(detectors, options));
  }

  /** Writes to kmemleak's file. */
  kmemleakDump(address: string): Promise<KmemleakDump> {
    return this.#with((detectors) => kmemleakDump(detectors, address));
  }

  /** Writes to kmemleak's file. Gives what was changed. */
  kmemleakClear(): Promise<readonly string[]> {
    return this.#with(kmemleakClear);
  }

  pageOwnerStatus(): Promise<DetectorStatus> {
    return this.#with(pageOwnerStatus);
  }

  /** `seconds`: how long it may be read. */
  pageOwnerReport(seconds: number): Promise<DetectorReport> {
    return this.#with((detectors) => pageOwnerReport(detectors, seconds));
  }

  slabTracesStatus(): Promise<DetectorStatus> {
    return this.#with(slabTracesStatus);
  }

  slabTracesReport(cache: string): Promise<DetectorReport> {
    return this.#with((detectors) => slabTracesReport(detectors, cache));
  }

  async #with<T>(ask: (detectors: KernelDetectors) => Promise<T>): Promise<T> {
    const detectors = new KernelDetectors(this.#root);
    try {
      return await ask(detectors);
    } finally {
      detectors.close();
    }
  }
}

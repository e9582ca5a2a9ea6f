import { bytes, seconds } from '../src/base/units.ts';
import type { HostEvent, Sample } from '../src/model/sample.ts';
import { SampleStore } from '../src/sources/store/sample-store.ts';

const MIB = 2 ** 20;
const HOUR = 3_600_000;
export const RECORDED_FROM: number = Date.parse('2026-11-01T00:00:00Z');

export interface MadeHours {
  /** MiB that kmalloc-128 holds at an hour of the recording. */
  readonly kmalloc?: (hour: number) => number;
  readonly unexplained?: (hour: number) => number;
  readonly dentry?: (hour: number) => number;
  readonly boot?: (hour: number) => string;
  readonly events?: readonly (Omit<HostEvent, 'at' | 'boot'> & { readonly hour: number })[];
}

/** A database of a host of 16 GiB, a sample every five minutes. */
export function writeRecording(file: string, hours: number, made: MadeHours): string {
  const store = new SampleStore(file, 'record');
  const boot = made.boot ?? (() => 'boot-1');
  const begun = new Map<string, number>();
  store.appendAll(
    Array.from({ length: hours * 12 }, (_, i): Sample => {
      const hour = i / 12;
      const since = begun.get(boot(hour)) ?? hour;
      begun.set(boot(hour), since);
      const wobble = Math.round(Math.sin(i * 997) * 256) * 4096;
      const slab = Math.round((made.kmalloc?.(hour) ?? 40) * 256) * 4096;
      const dentry = Math.round((made.dentry?.(hour) ?? 80) * 256) * 4096;
      const unexplained = Math.round((made.unexplained?.(hour) ?? 60) * 256) * 4096;
      const total = 16_384 * MIB;
      const used = 3000 * MIB + wobble;
      return {
        at: RECORDED_FROM + hour * HOUR,
        boot: boot(hour),
        uptime: seconds(3600 + (hour - since) * 3600),
        totalBytes: bytes(total),
        buckets: new Map([
          ['free', bytes(total - used - slab - dentry - unexplained)],
          ['processes', bytes(used)],
          ['slab-unreclaimable', bytes(slab)],
          ['slab-reclaimable', bytes(dentry)],
        ]),
        unexplained: bytes(unexplained),
        available: bytes(total - used - slab - unexplained),
        caches: [
          { name: 'kmalloc-128', bytes: bytes(slab), objects: Math.round(slab / 128) },
          { name: 'dentry', bytes: bytes(dentry), objects: Math.round(dentry / 192) },
        ],
        processes: [],
      };
    }),
  );
  store.addEvents(
    (made.events ?? []).map(({ hour, ...e }) => ({ ...e, at: RECORDED_FROM + hour * HOUR, boot: boot(hour) })),
  );
  store.close();
  return file;
}

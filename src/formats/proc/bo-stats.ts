import type { Parsed, Problem } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import { isQuantity, kibibytes, type Bytes } from '../../base/units.ts';
import type { TextLine } from '../text/line.ts';
import { runOf, type TextFormat } from '../text/text-format.ts';

/** Buffer objects of one graphics driver. */
export interface BoStats {
  /** Told by the form: each of the two drivers writes its own. */
  readonly driver: 'v3d' | 'vc4';
  readonly objects?: number;
  readonly bytes?: Bytes;
  /** What vc4 counts apart, by label (`V3D`, `V3D shader`, `dumb`, `kernel BO cache` …). */
  readonly labels: ReadonlyMap<string, { readonly objects: number; readonly bytes: Bytes }>;
  readonly at: Provenance;
}

const V3D = /^\s*allocated (bos|bo size \(kb\)):\s+(\d+)\s*$/;
const VC4 = /^\s*([A-Za-z][\w ]{0,40}):\s+(\d+)kb BOs \((\d+)\)\s*$/;
/** vc4 before 4.14: one line a figure. */
const VC4_OLD = /^\s*(num|size) bos (allocated|used|cached):?\s+(\d+)(?:kb)?\s*$/;
/** Buffers that have a label already, or that are no memory any more. */
const OVERLAPS = /^(?:userspace BO cache|total purged BO)$/;

/**
 * `bo_stats` in debugfs: buffer objects of V3D (Raspberry Pi 4 and later) and of vc4 (the display part, and all of 3D
 * before).
 *
 * Written by drivers/gpu/drm/v3d/v3d_debugfs.c, v3d_debugfs_bo_stats(), and drivers/gpu/drm/vc4/vc4_bo.c,
 * vc4_bo_stats_print().
 */
export const boStats: TextFormat<'bo-stats', BoStats> = {
  kind: 'bo-stats',
  looksFor: '"allocated bos: 193" with "allocated bo size (kb): 551940", or lines such as "V3D: 1234kb BOs (12)"',
  many: false,

  claim(lines, at) {
    const first = lines[at]?.text ?? '';
    if (VC4.test(first)) return runOf(lines, at, (text) => VC4.test(text));
    if (VC4_OLD.test(first))
      return Math.min(
        6,
        runOf(lines, at, (text) => VC4_OLD.test(text)),
      );
    if (V3D.exec(first)?.[1] !== 'bos') return 0;
    return V3D.exec(lines[at + 1]?.text ?? '')?.[1]?.startsWith('bo size') ? 2 : 1;
  },

  parse(lines, file): Parsed<BoStats> {
    const at: Provenance = { kind: 'line', file, line: lines[0]?.number ?? 1 };
    const problems: Problem[] = [];
    for (const { text, number } of lines) {
      const readable = V3D.test(text) || VC4.test(text) || VC4_OLD.test(text);
      if (!readable && text.trim() !== '')
        problems.push({ problem: 'bo-stats: unreadable line', at: { kind: 'line', file, line: number } });
    }
    const v3d = V3D.test(lines[0]?.text ?? '');
    return { value: v3d ? readV3d(lines, at) : readVc4(lines, at), problems };
  },
};

function readV3d(lines: readonly TextLine[], at: Provenance): BoStats {
  const numbers = new Map<string, number>();
  for (const { text } of lines) {
    const [, what, digits] = V3D.exec(text) ?? [];
    if (what !== undefined && isQuantity(Number(digits) * 1024)) numbers.set(what, Number(digits));
  }
  const objects = numbers.get('bos');
  // Without a buffer there are no bytes, whether or not the second line was kept.
  const size = numbers.get('bo size (kb)') ?? (objects === 0 ? 0 : undefined);
  return {
    driver: 'v3d',
    ...(objects === undefined ? {} : { objects }),
    ...(size === undefined ? {} : { bytes: kibibytes(size) }),
    labels: new Map(),
    at,
  };
}

function readVc4(lines: readonly TextLine[], at: Provenance): BoStats {
  const labels = new Map<string, { objects: number; bytes: Bytes }>();
  const old = new Map<string, number>();
  for (const { text } of lines) {
    const [, label, size, count] = VC4.exec(text) ?? [];
    const [, what, state, digits] = VC4_OLD.exec(text) ?? [];
    if (label !== undefined && isQuantity(Number(size) * 1024) && isQuantity(Number(count)))
      labels.set(label, { objects: Number(count), bytes: kibibytes(Number(size)) });
    if (what !== undefined && isQuantity(Number(digits) * 1024)) old.set(`${what} ${state}`, Number(digits));
  }
  const counted = [...labels].filter(([label]) => !OVERLAPS.test(label)).map(([, sums]) => sums);
  const objects = counted.length > 0 ? counted.reduce((sum, l) => sum + l.objects, 0) : old.get('num allocated');
  const size = counted.length > 0 ? counted.reduce((sum, l) => sum + l.bytes / 1024, 0) : old.get('size allocated');
  return {
    driver: 'vc4',
    ...(objects === undefined || !isQuantity(objects) ? {} : { objects }),
    ...(size === undefined || !isQuantity(size * 1024) ? {} : { bytes: kibibytes(size) }),
    labels,
    at,
  };
}

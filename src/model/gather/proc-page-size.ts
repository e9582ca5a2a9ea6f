import { bytes, kibibytes, type Bytes } from '../../base/units.ts';
import type { Sighting } from '../../formats/catalog.ts';
import { ofKind } from '../../formats/of-kind.ts';

/** Page sizes that Linux runs with, in bytes. */
const SIZES = [4, 8, 16, 64, 256].map((kib) => kib * 1024);
/** Names of one amount in meminfo and, in pages, in vmstat. */
const PAIRS = [
  ['MemFree', 'nr_free_pages'],
  ['AnonPages', 'nr_anon_pages'],
  ['SUnreclaim', 'nr_slab_unreclaimable'],
  ['SReclaimable', 'nr_slab_reclaimable'],
  ['Shmem', 'nr_shmem'],
  ['Mapped', 'nr_mapped'],
] as const;
/** The two files are read a moment apart; sizes differ by a factor of two at least. */
const TOLERANCE = 0.25;
/** Fewer pages than this say nothing about a ratio. */
const ENOUGH = 256;

/** The page size that the inputs tell, or undefined where none does. */
export function tellPageSize(sightings: readonly Sighting[]): Bytes | undefined {
  const mapped = ofKind(sightings, 'smaps').map((s) => s.value.pageSize);
  return mapped.find((size) => size !== undefined) ?? fromTwoFiles(sightings) ?? fromVmallocAreas(sightings);
}

/** What meminfo gives in KiB and vmstat in pages. */
function fromTwoFiles(sightings: readonly Sighting[]): Bytes | undefined {
  const [meminfo] = ofKind(sightings, 'meminfo');
  const [vmstat] = ofKind(sightings, 'vmstat');
  const ratios = PAIRS.flatMap(([amount, pages]) => {
    const field = meminfo?.value.get(amount);
    const count = vmstat?.value.get(pages)?.count ?? 0;
    return field?.kind === 'amount' && count >= ENOUGH ? [field.bytes / count] : [];
  });
  return mostAgreed(ratios.map((ratio) => SIZES.find((size) => Math.abs(ratio / size - 1) < TOLERANCE)));
}

/** A vmalloc area is as long as its pages and one guard page. */
function fromVmallocAreas(sightings: readonly Sighting[]): Bytes | undefined {
  const [vmallocinfo] = ofKind(sightings, 'vmallocinfo');
  const areas = (vmallocinfo?.value ?? []).filter((area) => area.flags.includes('vmalloc') && area.pages !== undefined);
  if (areas.length < 3) return undefined;
  return mostAgreed(areas.map((area) => SIZES.find((size) => area.size === size * ((area.pages ?? 0) + 1))));
}

/** The size that more than two thirds of the votes name; undecided votes count against it. */
function mostAgreed(votes: readonly (number | undefined)[]): Bytes | undefined {
  const size = SIZES.find((candidate) => votes.filter((v) => v === candidate).length * 3 > votes.length * 2);
  return size === undefined ? undefined : bytes(size);
}

/** Assumed where nothing tells it: right for x86, most arm64 and everything 32-bit. */
export const USUAL_PAGE_SIZE: Bytes = kibibytes(4);

import type { Diagnosis } from '../findings/diagnosis.ts';
import type { Provenance } from '../base/provenance.ts';

/** The places a value was read at: a derived one has several, the same place counts once. Never more than this many. */
const MOST = 1000;

export type Place = Exclude<Provenance, { readonly kind: 'derived' }>;

/** Lines and byte ranges behind a provenance, in their order; the nesting may be as deep as it likes. */
export function placesOf(source: Provenance): readonly Place[] {
  const places = new Map<string, Place>();
  const open: Provenance[] = [source];
  for (let next = open.pop(); next !== undefined && places.size < MOST; next = open.pop()) {
    if (next.kind === 'derived') for (const inner of next.from.toReversed()) open.push(inner);
    else places.set(`${spotOf(next)}:${next.file}`, next);
  }
  return [...places.values()];
}

const spotOf = (place: Place): string => {
  switch (place.kind) {
    case 'line':
      return `${place.line}`;
    case 'bytes':
      return `@${place.offset}`;
    case 'address':
      return place.address;
  }
};

/** The directory that all inputs share, with its slash at the end; '' where there is none. */
export function sharedDirectory({ inputs }: Diagnosis): string {
  const files = inputs.map(({ file }) => file);
  let shared = directoryOf(files[0] ?? '');
  for (const file of files) while (!file.startsWith(shared)) shared = directoryOf(shared.slice(0, -1));
  return shared === '/' ? '' : shared;
}

const directoryOf = (file: string): string => file.slice(0, file.lastIndexOf('/') + 1);

/** `meminfo:1-44, slabinfo:3, vmcore@0x1008`: places by file, lines joined to ranges, without the shared directory. */
export function spellSource(source: Provenance, directory: string): string {
  const byFile = new Map<string, { readonly lines: number[]; readonly spots: string[] }>();
  for (const place of placesOf(source)) {
    const of = byFile.get(place.file) ?? { lines: [], spots: [] };
    byFile.set(place.file, of);
    if (place.kind === 'line') of.lines.push(place.line);
    else if (place.kind === 'bytes') of.spots.push(`@0x${place.offset.toString(16)}`);
    // Zero stands for a dump as a whole.
    else if (/[^0]/.test(place.address)) of.spots.push(place.address);
  }
  const files = [...byFile].map(([file, { lines, spots: others }]) => {
    const ranges = [...rangesOf(lines), ...others];
    const name = file.startsWith(directory) ? file.slice(directory.length) : file;
    const spots = someOf(ranges, 4).join(',');
    return spots.startsWith('@') || spots === '' ? name + spots : `${name}:${spots}`;
  });
  return files.length > 0 ? someOf(files, 3).join(', ') : source.kind === 'derived' ? `by ${source.by}` : '';
}

function rangesOf(lines: readonly number[]): readonly string[] {
  const ranges: [number, number][] = [];
  for (const line of lines.toSorted((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last && line <= last[1] + 1) last[1] = line;
    else ranges.push([line, line]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`));
}

const someOf = (all: readonly string[], most: number): readonly string[] =>
  all.length <= most ? all : [...all.slice(0, most), `+${all.length - most}`];

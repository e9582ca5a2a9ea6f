import { spellBytes, spellCount } from '../../base/spelling.ts';
import type { CorePercpu } from '../../findings/core/core-percpu.ts';
import { renderPairs, renderProblems, renderTable } from './table.ts';

const CHUNKS = [
  { head: 'chunk' },
  { head: 'base' },
  { head: 'kind' },
  { head: 'size', right: true },
  { head: 'populated', right: true },
  { head: 'free', right: true },
];
const AREAS = [
  { head: 'areas of', right: true },
  { head: 'count', right: true },
  { head: 'memory', right: true },
];
/** Sizes beyond these are in the document. */
const MOST_SIZES = 20;

export function renderCorePercpu(percpu: CorePercpu): string {
  const { cpus, bytes, bootBytes, laterBytes, chunks, areas = [], problems } = percpu;
  const head = renderPairs([
    ['per-CPU memory', bytes === undefined ? undefined : `${spellBytes(bytes)} for ${cpus} CPUs`],
    ['since boot', bootBytes === undefined ? undefined : `${spellBytes(bootBytes)}, outside of MemTotal`],
    ['added later', spellBytes(laterBytes)],
  ]);
  const chunkRows = chunks.map((chunk) => [
    chunk.address,
    chunk.base,
    chunk.kind,
    spellBytes(chunk.bytes),
    spellBytes(chunk.populatedBytes),
    spellBytes(chunk.freeBytes),
  ]);
  const areaRows = areas
    .slice(0, MOST_SIZES)
    .map(({ size, count, bytes: held }) => [spellBytes(size), spellCount(count), spellBytes(held)]);
  const more = areas.length > MOST_SIZES ? `… and ${areas.length - MOST_SIZES} more sizes, see --json\n` : '';
  const sizes = areaRows.length === 0 ? '' : `\n${renderTable(AREAS, areaRows)}${more}`;
  return `${head}\n${renderTable(CHUNKS, chunkRows)}${sizes}${renderProblems(problems)}`;
}

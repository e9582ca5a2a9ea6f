import type { ShellFreeArea, ShellNode, ShellZone } from '../../../findings/core/shell-machine.ts';
import { escapeTerminal } from '../../escape.ts';

const right = (value: number | string, width: number): string => String(value).padStart(width);

export const renderZones = (zones: readonly ShellZone[]): readonly string[] => zones.map(renderZone);

function renderZone({ node, zone, address, name, spanned, present, watermarks, counters }: ShellZone): string {
  const head = `NODE: ${node}  ZONE: ${zone}  ADDR: ${address}  NAME: "${escapeTerminal(name)}"\n`;
  if (spanned === 0) return `${head}  [unpopulated]\n\n`;
  const width = Math.max(0, ...counters.map(([counter]) => counter.length));
  const lines = counters.map(([counter, count]) => `${escapeTerminal(counter).padStart(width)}: ${count}\n`);
  const size = present === spanned ? '' : `  PRESENT: ${present}`;
  return `${head}  SIZE: ${spanned}${size}  MIN/LOW/HIGH: ${watermarks.join('/')}\n  VM_STAT:\n${lines.join('')}\n`;
}

export function renderNodes(nodes: readonly ShellNode[]): readonly string[] {
  return nodes.flatMap(({ node, address, spanned, zones, sections }) => {
    const [first, ...more] = zones;
    return [
      'NODE    SIZE      PGLIST_DATA       BOOTMEM_DATA       NODE_ZONES\n',
      `${right(node, 3)} ${right(spanned, 8)}    ${address}        ----        ${first?.address ?? ''}\n`,
      ...more.map((zone) => `${' '.repeat(52)}${zone.address}\n`),
      '    MEM_MAP          START_PADDR    START_MAPNR\n',
      `${mapOf(first)}${right(hex(first?.startPhysical ?? 0), 12)} ${right(first?.startFrame ?? 0, 13)}\n\n`,
      'ZONE  NAME         SIZE       MEM_MAP      START_PADDR  START_MAPNR\n',
      ...zones.map((zone) => zoneRow(zone)),
      '\n-------------------------------------------------------------------\n\n',
      'NR      MEM_MAP         PFN       FRAMES\n',
      ...sections.map(
        ({ map, firstFrame, frames }, i) => `${right(i, 2)}  ${map}  ${String(firstFrame).padEnd(9)} ${frames}\n`,
      ),
    ];
  });
}

const hex = (n: number): string => n.toString(16);
const mapOf = (zone: ShellZone | undefined): string => zone?.map ?? right(0, 16);

function zoneRow(zone: ShellZone): string {
  const name = escapeTerminal(zone.name).padEnd(8);
  const isEmpty = zone.spanned === 0;
  const [map, physical, frame] = isEmpty
    ? [right(0, 16), '0', 0]
    : [mapOf(zone), hex(zone.startPhysical), zone.startFrame];
  return `${right(zone.zone, 3)}   ${name}${right(zone.spanned, 8)}  ${map}${right(physical, 13)}${right(frame, 13)}\n`;
}

/** `kmem -f` of one zone. */
export function renderFreeAreas(zone: ShellZone, areas: readonly ShellFreeArea[]): readonly string[] {
  const name = escapeTerminal(zone.name).padEnd(8);
  const [map, physical] = zone.spanned === 0 ? [right(0, 16), '0'] : [mapOf(zone), hex(zone.startPhysical)];
  const head = [
    'ZONE  NAME        SIZE    FREE      MEM_MAP       START_PADDR  START_MAPNR\n',
    `${right(zone.zone, 3)}   ${name}${right(zone.spanned, 8)}${right(zone.free, 8)}  ${map}${right(physical, 12)}${right(zone.spanned === 0 ? 0 : zone.startFrame, 13)}\n`,
  ];
  if (areas.length === 0) return [...head, '\n'];
  const rows = areas.map(
    ({ order, blockBytes, list, blocks, pages, movability }) =>
      `${right(order, 3)}${right(`${blockBytes / 1024}k`, 9)}  ${list}${right(blocks, 8)}${right(pages, 7)}  ${escapeTerminal(movability)}\n`,
  );
  return [...head, 'AREA    SIZE  FREE_AREA_STRUCT  BLOCKS  PAGES  MOVABILITY\n', ...rows, '\n'];
}

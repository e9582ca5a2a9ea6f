import type { ShellBlock } from '../../../findings/core/shell-block.ts';
import type { ShellFreeArea, ShellNode, ShellZone } from '../../../findings/core/shell-machine.ts';
import type { StructView } from '../../../model/layouts/struct-view.ts';
import { viewStruct } from '../../../model/layouts/struct-view.ts';
import { ifThere } from '../../../model/memory/memory-fault.ts';
import type { Kernel } from '../../../model/kernel/kernel.ts';
import { walkListFromBothEnds } from '../../../model/kernel/list.ts';
import { memoryNodes } from '../../../model/kernel/zones.ts';
import { spell } from '../addresses.ts';
import type { CoreSession } from '../session.ts';

/** More blocks than any list has. */
const MOST_BLOCKS = 100_000_000;

/** `kmem -z`. */
export function* showZones(session: CoreSession): Generator<ShellBlock> {
  yield { kind: 'zones', zones: nodesOf(session).flatMap(({ zones }) => zones) };
}

/** `kmem -n`. */
export function* showNodes(session: CoreSession): Generator<ShellBlock> {
  yield { kind: 'nodes', nodes: nodesOf(session) };
}

/** `kmem -f`: every list of free blocks, counted by walking it. */
export function* showFreeAreas(session: CoreSession): Generator<ShellBlock> {
  const problems: string[] = [];
  let [counted, found] = [0, 0];
  for (const { zones } of nodesOf(session))
    for (const zone of zones) {
      const areas = zone.spanned === 0 ? [] : freeAreas(session.kernel, zone, problems);
      counted += zone.free;
      found += areas.reduce((sum, { pages }) => sum + pages, 0);
      yield { kind: 'free-areas', zone, areas };
    }
  const more = counted === found ? 'verified' : `found ${found}`;
  yield { kind: 'text', lines: [`nr_free_pages: ${counted}  (${more})`] };
  yield { kind: 'problems', problems };
}

function nodesOf(session: CoreSession): readonly ShellNode[] {
  const { kernel, pages } = session;
  const zoneSize = kernel.layouts.needStruct('zone').size;
  return memoryNodes(kernel).map((address): ShellNode => {
    const view = viewStruct(kernel.memory, kernel.layouts, 'pglist_data', address);
    const node = view.has('node_id') ? view.number('node_id') : 0;
    const member = view.layout.need('node_zones');
    const zones = Array.from({ length: Math.floor(member.size / zoneSize) }, (_, i) => {
      const at = address + BigInt(member.offset + i * zoneSize);
      return zoneOf(session, viewStruct(kernel.memory, kernel.layouts, 'zone', at), node, i);
    });
    const sections = pages.map.sections.map((s) => ({
      map: spell(s.pages),
      firstFrame: s.firstFrame,
      frames: s.frames,
    }));
    return { node, address: spell(address), spanned: view.number('node_spanned_pages'), zones, sections };
  });
}

function zoneOf({ kernel, pages }: CoreSession, view: StructView, node: number, zone: number): ShellZone {
  const startFrame = view.number('zone_start_pfn');
  const map = pages.map.addressOf(startFrame);
  // `_watermark` since 5.0 (commit a921444382b4).
  const watermarks = [0, 1, 2].map((i) => view.number(`_watermark[${i}]|watermark[${i}]`));
  const counters = countersOf(kernel, view);
  return {
    node,
    zone,
    address: spell(view.address()),
    name: ifThere(() => view.text('name')) ?? '?',
    spanned: view.number('spanned_pages'),
    present: view.number('present_pages'),
    watermarks,
    free: counters.find(([name]) => name === 'NR_FREE_PAGES')?.[1] ?? 0,
    ...(map === undefined ? {} : { map: spell(map) }),
    startFrame,
    startPhysical: startFrame * kernel.memory.pageSize,
    counters,
  };
}

function countersOf({ layouts }: Kernel, view: StructView): readonly (readonly [string, number])[] {
  return layouts.enumValues('zone_stat_item').flatMap(({ name, value }) => {
    const path = `vm_stat[${value}]`;
    const isCount = !name.startsWith('NR_VM_') && name !== 'NR_ZONE_LRU_BASE' && view.has(path);
    return isCount ? [[name, view.number(path)] as const] : [];
  });
}

function freeAreas(kernel: Kernel, { address, name }: ShellZone, problems: string[]): readonly ShellFreeArea[] {
  const view = viewStruct(kernel.memory, kernel.layouts, 'zone', BigInt(`0x${address}`));
  const areas: ShellFreeArea[] = [];
  const names = new Map(
    kernel.layouts.enumValues('migratetype').map((one) => [Number(one.value), one.name.replace('MIGRATE_', '')]),
  );
  for (let order = 0; view.has(`free_area[${order}]`); order++)
    for (let kind = 0; view.has(`free_area[${order}].free_list[${kind}]`); kind++) {
      const head = view.address(`free_area[${order}].free_list[${kind}]`);
      let blocks = 0;
      const problem = (what: string): void =>
        void problems.push(`the list of free blocks of order ${order} in zone ${name} ${what}`);
      for (const _ of walkListFromBothEnds(kernel.memory, head, problem, MOST_BLOCKS)) blocks++;
      areas.push({
        order,
        blockBytes: kernel.memory.pageSize * 2 ** order,
        list: spell(head),
        movability: names.get(kind) ?? String(kind),
        blocks,
        pages: blocks * 2 ** order,
      });
    }
  return areas;
}

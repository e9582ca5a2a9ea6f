import type { ShellBlock } from '../../../findings/core/shell-block.ts';
import { stackBytes } from '../../../model/kernel/area-owners.ts';
import { PAGE_KINDS } from '../../../model/kernel/page-kinds.ts';
import type { Task } from '../../../model/kernel/tasks.ts';
import { InputError } from '../../../sources/input-error.ts';
import { spell } from '../addresses.ts';
import { evaluate } from './expression.ts';
import { areasAt } from './kmem-areas.ts';
import { showObject } from './kmem-slabs.ts';
import { PageRows } from './page-rows.ts';
import type { Shell } from './shell.ts';
import { taskRows } from './task-rows.ts';

export type Aspect = 'symbol' | 'slab' | 'task' | 'area' | 'page';
const ALL: readonly Aspect[] = ['symbol', 'slab', 'task', 'area', 'page'];

interface Place {
  /** Absent where only a physical address was given and memory has no direct map. */
  readonly address?: bigint;
  readonly physical?: number;
  /** The address is that of a struct page, and `physical` of what it describes. */
  readonly isStructPage: boolean;
}

/** Everything that is known of an address, each aspect under its own head. Throws InputError where that is nothing. */
export function* showAddress(
  shell: Shell,
  text: string,
  isPhysical: boolean,
  aspects: readonly Aspect[] = ALL,
): Generator<ShellBlock> {
  const place = placeOf(shell, text, isPhysical);
  let shown = 0;
  for (const aspect of ALL) {
    if (!aspects.includes(aspect)) continue;
    const blocks = [...SHOWN[aspect](shell, place)];
    if (blocks.length > 0 && shown++ > 0) yield { kind: 'blank' };
    yield* blocks;
  }
  if (shown > 0 && aspects === ALL && place.physical !== undefined) yield useOf(shell, place.physical);
  if (shown === 0)
    throw new InputError(
      'kmem',
      `nothing is known of ${text}`,
      aspects === ALL ? 'it is mapped nowhere' : `kmem ${text} says more`,
    );
}

/** What the page is used for, and what the dump has of it. */
function useOf({ session }: Shell, physical: number): ShellBlock {
  const { kernel, dump, refinedPages } = session;
  const kind = refinedPages.census.kinds[Math.floor(physical / kernel.memory.pageSize)] ?? 0;
  const state = dump.physical.state(Math.floor(physical / dump.physical.pageSize));
  return { kind: 'text', lines: [`   USE: ${PAGE_KINDS[kind] ?? 'absent'} (${state} in the dump)`] };
}

function placeOf({ session }: Shell, text: string, isPhysical: boolean): Place {
  const { kernel, pages } = session;
  const value = evaluate(kernel, 'kmem', text, 'address');
  const physicalEnd = BigInt(kernel.memory.physical.endFrame * kernel.memory.physical.pageSize);
  if (isPhysical || value < physicalEnd) {
    const physical = Number(value);
    const { directMap } = kernel;
    const address = directMap && directMap.virtual + value - BigInt(directMap.physical);
    return { physical, isStructPage: false, ...(address === undefined ? {} : { address }) };
  }
  const described = pages.map.frameOf(value);
  if (described !== undefined)
    return { address: value, physical: described * kernel.memory.pageSize, isStructPage: true };
  const physical = kernel.memory.translate(value);
  return { address: value, isStructPage: false, ...(physical === undefined ? {} : { physical }) };
}

const SHOWN: Readonly<Record<Aspect, (shell: Shell, place: Place) => Iterable<ShellBlock>>> = {
  symbol({ session }, { address }) {
    const found = address === undefined ? undefined : session.kernel.symbols.at(address);
    if (!found) return [];
    const { name, letter, module, offset } = found;
    const inModule = module === undefined ? {} : { module };
    return [{ kind: 'symbols', symbols: [{ name, kind: letter, offset, address: spell(address ?? 0n), ...inModule }] }];
  },
  slab: ({ session }, { physical, isStructPage }) =>
    physical === undefined || !session.pages.heap ? [] : showObject(session, physical, isStructPage),
  task(shell, { address }) {
    const task = address === undefined ? undefined : taskAt(shell, address);
    return task ? [{ kind: 'task', task: taskRows(shell)(task) }] : [];
  },
  area({ session }, { address, isStructPage }) {
    const areas = address === undefined || isStructPage ? [] : areasAt(session, address);
    return areas.length > 0 ? [{ kind: 'areas', areas }] : [];
  },
  page({ session }, { physical }) {
    const frame = physical === undefined ? undefined : Math.floor(physical / session.kernel.memory.pageSize);
    const page = frame === undefined ? undefined : new PageRows(session).of(frame);
    return page ? [{ kind: 'pages', pages: [page] }] : [];
  },
};

/** The task whose task_struct or kernel stack an address lies in. */
function taskAt({ knownTasks, session }: Shell, address: bigint): Task | undefined {
  const { kernel } = session;
  const [struct, stack] = [BigInt(kernel.layouts.sizeOf('task_struct') ?? 0), BigInt(stackBytes(kernel) ?? 0)];
  const lies = (start: bigint, size: bigint): boolean => start !== 0n && address >= start && address < start + size;
  return knownTasks.find((task) => lies(task.address, struct) || lies(task.stack, stack));
}

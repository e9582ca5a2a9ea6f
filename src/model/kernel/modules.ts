import { viewStruct, type StructView } from '../layouts/struct-view.ts';
import type { KernelMemory } from '../memory/kernel-memory.ts';
import { ifThere } from '../memory/memory-fault.ts';
import type { ModuleExtent } from '../symbols/symbol-table.ts';
import type { Kernel, Walked } from './kernel.ts';
import { walkList } from './list.ts';

export type ModuleState = 'live' | 'coming' | 'going' | 'unformed';

/** A struct module, as /proc/modules has it. */
export interface KernelModule {
  readonly name: string;
  /** Of the struct module. */
  readonly address: bigint;
  /** Where its text lies. */
  readonly base: bigint;
  /** Bytes of all its memory, that of its initialisation included while it has it. */
  readonly sizeBytes: number;
  /** Absent where the struct holds no state that there is. */
  readonly state?: ModuleState;
  /** Who uses it; absent before 3.19, when each CPU had its own count. */
  readonly references?: number;
  /** Letters as in /proc/modules: O out of tree, E unsigned, P proprietary …; empty for none. */
  readonly taints: string;
  readonly extents: readonly ModuleExtent[];
}

/** What Linux stands at most; a list of more is damaged. */
const MOST_MODULES = 65_536;
/** The end of a module is a page, and none is larger than the space for all of them. */
const LARGEST_MODULE = 2 ** 31;

/** What walks over modules take of a kernel: it is opened with their symbols, so that they come before it is whole. */
export type KernelParts = Pick<Kernel, 'symbols' | 'layouts'> & { readonly memory: KernelMemory };

/** The modules of the list `modules`, in the kernel's order: the last one loaded first. */
export function kernelModules({ memory, symbols, layouts }: KernelParts): Walked<readonly KernelModule[]> {
  const head = symbols.find('modules');
  const layout = layouts.struct('module');
  if (head === undefined || layout === undefined) {
    const missing =
      head === undefined ? 'the list modules is in no table of symbols' : 'the types have no struct module';
    return { value: [], problems: [`no modules: ${missing}`] };
  }
  const problems: string[] = [];
  const value: KernelModule[] = [];
  const states = layouts.enumValues('module_state');
  const list = BigInt(layout.need('list').offset);
  for (const entry of walkList(memory, head, (what) => problems.push(`the list of modules ${what}`), MOST_MODULES)) {
    const address = entry - list;
    const module = ifThere(() => readModule(viewStruct(memory, layouts, layout, address)));
    if (module === undefined) problems.push(`the module at ${address.toString(16)} cannot be read`);
    else {
      const state = states.find(({ value: n }) => Number(n) === module.stateNumber)?.name;
      value.push({ ...module.read, ...stateOf(state) });
      if (module.read.extents.length === 0) problems.push(`the module ${module.read.name} has no memory that can be`);
    }
  }
  return { value, problems };
}

const STATES: Readonly<Record<string, ModuleState>> = {
  MODULE_STATE_LIVE: 'live',
  MODULE_STATE_COMING: 'coming',
  MODULE_STATE_GOING: 'going',
  MODULE_STATE_UNFORMED: 'unformed',
};

function stateOf(name: string | undefined): Pick<KernelModule, 'state'> {
  const state = name === undefined ? undefined : STATES[name];
  return state === undefined ? {} : { state };
}

function readModule(view: StructView): { readonly read: KernelModule; readonly stateNumber: number } {
  const name = view.text('name');
  const extents = readExtents(view, name);
  return {
    stateNumber: view.number('state'),
    read: {
      name,
      address: view.address(),
      base: extents[0]?.start ?? 0n,
      sizeBytes: extents.reduce((sum, { size }) => sum + size, 0),
      // One reference is the module's own (MODULE_REF_BASE), since 2f35c41f58a9 of 3.19.
      ...(view.has('refcnt') ? { references: Math.max(0, view.number('refcnt') - 1) } : {}),
      taints: view.has('taints') ? spellTaints(view.u64('taints')) : '',
      extents,
    },
  };
}

/** The text first. Memory that was given back after initialisation has size 0. */
function readExtents(view: StructView, module: string): readonly ModuleExtent[] {
  return memberPairs(view).flatMap(([startPath, sizePath]) => {
    const start = view.pointer(startPath);
    const size = view.number(sizePath);
    return start >> 63n === 1n && size > 0 && size < LARGEST_MODULE ? [{ module, start, size }] : [];
  });
}

function memberPairs(view: StructView): readonly (readonly [string, string])[] {
  // Since 6.4 (ac3b43283923) a module has memory by type: text first, data, read-only data …
  if (view.has('mem[0].base')) {
    const types = Array.from({ length: 16 }, (_, i) => i).filter((i) => view.has(`mem[${i}].base`));
    return types.map((i) => [`mem[${i}].base`, `mem[${i}].size`]);
  }
  // Since 4.5 (7523e4dc5057) layouts; data has its own since 5.18 (01dc0386efb7) on some machines. Before, plain members.
  const layouts = ['core_layout', 'data_layout', 'init_layout'].filter((member) => view.has(member));
  if (layouts.length > 0) return layouts.map((member) => [`${member}.base`, `${member}.size`]);
  return [
    ['module_core', 'core_size'],
    ['module_init', 'init_size'],
  ];
}

/** By bit, as kernel/panic.c has them in taint_flags, for those that a module can have. */
const TAINTS: readonly (readonly [bit: bigint, letter: string])[] = [
  [0n, 'P'],
  [1n, 'F'],
  [10n, 'C'],
  [12n, 'O'],
  [13n, 'E'],
  [15n, 'K'],
  [16n, 'X'],
  [17n, 'T'],
  [18n, 'N'],
];

const spellTaints = (taints: bigint): string =>
  TAINTS.filter(([bit]) => ((taints >> bit) & 1n) === 1n)
    .map(([, letter]) => letter)
    .join('');

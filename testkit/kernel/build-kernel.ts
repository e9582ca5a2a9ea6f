import { openBtf } from '../../src/formats/btf/btf.ts';
import { SymbolWriter } from '../../src/formats/symbols/symbol-writer.ts';
import type { Kernel } from '../../src/model/kernel/kernel.ts';
import { Layouts } from '../../src/model/layouts/layouts.ts';
import { findKernel, type DumpClaims } from '../../src/model/memory/find-kernel.ts';
import { symbolTable } from '../../src/model/symbols/symbol-table.ts';
import { writeKallsyms } from '../kallsyms/kallsyms-image.ts';
import { CpuAreas } from './cpu-areas.ts';
import { FrameSupply } from './frame-supply.ts';
import { expectedStates, type BuiltCache, type CacheSpec, type HeapTypes } from './heap-spec.ts';
import type { MachineOptions } from './machine-plan.ts';
import { Machine } from './machine.ts';
import { Memmap, type MemmapOptions, type PageUse } from './memmap.ts';
import type { PageOptions } from './page-style.ts';
import type { SlabOptions } from './slab-types.ts';
import { SlabWriter } from './slab-writer.ts';
import type { SlubOptions } from './slub-types.ts';
import { SlubWriter } from './slub-writer.ts';
import { claimsOf, KALLSYMS_PLACES, noteOf } from './machine-note.ts';
import { memberOf, type StructSpec } from './struct-spec.ts';
import { writeTypes } from './write-types.ts';

/** Frames put to a use, one block after another. */
export interface PageBlock {
  readonly use: PageUse;
  readonly order?: number;
  /** Blocks of that order. */
  readonly count?: number;
  /** What stands in the low 24 bits beside a page type. */
  readonly low?: number;
}

export interface KernelOptions {
  readonly machine?: MachineOptions;
  readonly memmap?: Omit<MemmapOptions, 'pages'>;
  readonly pages?: PageOptions;
  readonly blocks?: readonly PageBlock[];
  readonly slub?: SlubOptions;
  /** SLAB instead of SLUB. */
  readonly slab?: SlabOptions;
  readonly caches?: readonly CacheSpec[];
  readonly cpus?: number;
  /** Where per-CPU symbols are linked: zero, since 6.15 an address. */
  readonly perCpuBase?: bigint;
  readonly nodes?: number;
  /** Without, there is no BTF. */
  readonly types?: boolean;
  /** Writes the tables of kallsyms into the image, and where they are into VMCOREINFO. */
  readonly kallsyms?: boolean;
  /** More structs that a test lays into memory. */
  readonly structs?: readonly StructSpec[];
}

/** A kernel that was built, and what walks over it should find. */
export interface BuiltKernel {
  readonly machine: Machine;
  readonly memmap: Memmap;
  readonly types: HeapTypes & { readonly cache: StructSpec };
  readonly cpus: CpuAreas;
  readonly caches: readonly BuiltCache[];
  /** Frames of `blocks`, in their order. */
  readonly blocks: readonly number[];
  /** By cache, each slab as `expectedStates` spells it. */
  readonly expected: Readonly<Record<string, readonly string[]>>;
  cache(name: string): BuiltCache;
  /** The text of VMCOREINFO; a test may change it. */
  note: string;
  claims(): DumpClaims;
  /** Opens it as a dump of it would be. Throws where no kernel is found. */
  open(): Kernel;
}

/** Builds a kernel in memory: everything has a default, so that a test says only what it is about. */
export function buildKernel(options: KernelOptions = {}): BuiltKernel {
  const machine = new Machine(options.machine);
  const allocator = options.slab ? options.slab : (options.slub ?? {});
  const slabInPage = (allocator.struct ?? 'slab') === 'page';
  const pages = { ...options.pages, ...(slabInPage ? ({ slabInPage: options.slab ? 'SLAB' : 'SLUB' } as const) : {}) };
  const memmap = new Memmap(machine, { ...options.memmap, pages });
  const { nodes = 1 } = options;
  const cpus = new CpuAreas(machine, options.cpus ?? 2, options.perCpuBase);
  machine.poke(machine.variable('nr_node_ids', 4, 4), 4, nodes);
  const supply = new FrameSupply(machine.plan.pagesAt / machine.plan.pageSize);
  const writer = options.slab
    ? new SlabWriter(machine, memmap, supply, cpus, options.slab, nodes)
    : new SlubWriter(machine, memmap, supply, cpus, options.slub ?? {}, nodes);
  const caches = addCaches(machine, writer, options.caches ?? []);
  const blocks = (options.blocks ?? []).flatMap(({ use, order = 0, count = 1, low }) =>
    Array.from({ length: count }, () => {
      const frame = supply.take(order);
      memmap.put(frame, use, order, low);
      return frame;
    }),
  );
  memmap.flush();
  const { types } = writer;
  const structs = [...memmap.shape.structs, memmap.sectionSpec, ...types.structs, ...(options.structs ?? [])];
  if (options.types !== false) addTypes(machine, structs, { ...memmap.shape.enums, ...types.enums }, types.typedefs);
  if (options.kallsyms === true) addKallsyms(machine);
  const built: BuiltKernel = {
    machine,
    memmap,
    types,
    cpus,
    caches,
    blocks,
    expected: Object.fromEntries(
      caches.map(({ name, slabs }) => [name, slabs.map(({ text }) => expectedStates(text))]),
    ),
    note: noteOf(machine, memmap.note()),
    cache(name) {
      const found = caches.find((cache) => cache.name === name);
      if (!found) throw new Error(`no cache ${name} was built`);
      return found;
    },
    claims: () => claimsOf(machine, built.note),
    open: () => openBuilt(built),
  };
  return built;
}

function addCaches(machine: Machine, writer: SlubWriter | SlabWriter, specs: readonly CacheSpec[]): BuiltCache[] {
  const caches: BuiltCache[] = [];
  for (const spec of specs) {
    const root = caches.find(({ name }) => name === spec.root)?.address;
    caches.push(writer.add(spec, root));
  }
  const head = machine.variable('slab_caches', 16);
  const at = BigInt(memberOf(writer.types.cache, 'list').at);
  machine.link([head, ...caches.map(({ address }) => address + at)]);
  return caches;
}

function addTypes(
  machine: Machine,
  structs: readonly StructSpec[],
  ...rest: [HeapTypes['enums'], HeapTypes['typedefs']]
): void {
  // prettier-ignore
  const bytes = writeTypes(structs, ...rest);
  const start = machine.variable('__start_BTF', bytes.length, 4096);
  machine.write(start, bytes);
  machine.symbols.set('__stop_BTF', start + BigInt(bytes.length));
}

function addKallsyms(machine: Machine): void {
  const room = machine.variable('_kallsyms', 65_536, 4096);
  machine.variable('init_task', 64);
  // What VMCOREINFO has of mem_section is where its pointer leads, which is no symbol.
  const symbols = [...machine.symbols]
    .filter(([, address]) => address >= machine.plan.imageVirtual)
    .map(([name, address]) => ({ name, address, letter: 'D' }));
  const image = writeKallsyms(symbols, room, {
    encoding: 'relative',
    order: 'addresses last',
    markerWidth: 4,
    sequence: true,
    longNames: true,
    alignment: 8,
  });
  machine.write(room, image.bytes);
  for (const [key, place] of new Map<string, bigint>(Object.entries(image.places)))
    machine.symbols.set(KALLSYMS_PLACES[key] ?? key, place);
}

function openBuilt(built: BuiltKernel): Kernel {
  const claims = built.claims();
  const found = findKernel(claims);
  if (!found) throw new Error('no kernel was found');
  const { machine, memory, directMap } = found;
  const writer = new SymbolWriter();
  for (const [name, address] of built.machine.symbols) {
    const bytes = Buffer.from(name);
    writer.add(address, 'D'.charCodeAt(0), bytes, 0, bytes.length);
  }
  const symbols = symbolTable(writer.finish(), claims.file);
  const [start, stop] = [symbols.find('__start_BTF'), symbols.find('__stop_BTF')];
  const bytes = start === undefined || stop === undefined ? undefined : memory.read(start, Number(stop - start));
  const layouts = new Layouts(bytes ? [openBtf(bytes, 'BTF').value] : []);
  return {
    file: claims.file,
    machine,
    release: claims.info.release ?? '',
    info: claims.info,
    memory,
    symbols,
    layouts,
    problems: found.problems,
    ...(directMap ? { directMap } : {}),
  };
}

import type { Machine } from './machine.ts';
import { HUGE_DTOR, HUGE_FLAG, type MarkedType, pageShape, type PageOptions, type PageShape } from './page-style.ts';
import { hasMember, inOrder, memberOf, place, type StructSpec } from './struct-spec.ts';

export interface MemmapOptions {
  /** SPARSEMEM with tables of tables (EXTREME), with one table, or the flat map without sections. */
  readonly sections?: 'extreme' | 'static' | 'flat';
  /** Whether struct pages are mapped as one array (SPARSEMEM_VMEMMAP), or each section's lie somewhere. */
  readonly vmemmap?: boolean;
  /** log2 of the bytes of a section. */
  readonly sectionBits?: number;
  readonly physicalBits?: number;
  /** struct mem_section grows from 16 to 32 bytes with CONFIG_PAGE_EXTENSION. */
  readonly sectionStruct?: 16 | 32;
  /** Frames whose struct pages are made here, from the first on; those of the rest come from elsewhere. */
  readonly frames?: number;
  readonly pages?: PageOptions;
}

/** What a frame is put to. `owned`: held by somebody, without a flag that says by whom. */
export type PageUse =
  | 'reserved' | 'anonymous' | 'page-cache' | 'shmem' | 'hugetlb' | 'poisoned' | 'owned' | 'unused' | 'movable'
  | MarkedType; // prettier-ignore

/** Uses that flags and `mapping` tell. */
const USER: Readonly<
  Record<
    string,
    { readonly flags: readonly string[]; readonly values: Readonly<Record<string, bigint | number>> } | undefined
  >
> = {
  reserved: { flags: ['PG_reserved'], values: {} },
  poisoned: { flags: ['PG_hwpoison'], values: {} },
  anonymous: { flags: ['PG_lru', 'PG_swapbacked'], values: { mapping: 0xffff888001234001n, _mapcount: 0 } },
  'page-cache': { flags: ['PG_lru', 'PG_uptodate'], values: { mapping: 0xffff888001235000n } },
  shmem: { flags: ['PG_lru', 'PG_swapbacked'], values: { mapping: 0xffff888001236000n } },
  movable: { flags: [], values: { mapping: 0xffff888001237002n } },
};

const MARKED: readonly string[] = ['offline', 'kmemcg', 'table', 'guard', 'slab', 'zsmalloc', 'large_kmalloc'];
const isMarked = (use: PageUse): use is MarkedType => MARKED.includes(use);

const PRESENT_FLAGS = 0x7n;

/** The struct pages of a machine and the sections that lead to them; written to memory by `flush`. */
export class Memmap {
  readonly shape: PageShape;
  readonly sectionSpec: StructSpec;
  readonly size: number;
  readonly #machine: Machine;
  readonly #options: Required<Omit<MemmapOptions, 'pages'>>;
  /** First frame of each section (flat: of all), and its struct pages. */
  readonly #chunks: { readonly first: number; readonly physical: number; readonly bytes: Uint8Array }[] = [];
  readonly #framesPerSection: number;
  #sectionAt: (section: number) => bigint = () => 0n;

  constructor(machine: Machine, options: MemmapOptions = {}) {
    this.#machine = machine;
    const { pageSize } = machine.plan;
    this.#options = {
      sections: options.sections ?? 'extreme',
      vmemmap: options.vmemmap ?? true,
      sectionBits: options.sectionBits ?? (pageSize === 65536 ? 29 : 27),
      physicalBits: options.physicalBits ?? (machine.plan.machine === 'aarch64' ? 48 : 46),
      sectionStruct: options.sectionStruct ?? 16,
      frames: options.frames ?? Infinity,
    };
    this.shape = pageShape(options.pages ?? {});
    this.size = this.shape.spec.size;
    this.sectionSpec = inOrder('mem_section', {
      section_mem_map: 'u64',
      usage: 'ptr',
      ...(this.#options.sectionStruct === 32 ? { page_ext: 'ptr', pad: 'u64' } : {}),
    });
    this.#framesPerSection = 2 ** this.#options.sectionBits / pageSize;
    this.#layOut();
    for (const { first, bytes } of this.#chunks) {
      this.put(first, 'reserved');
      for (let at = this.size; at < bytes.length; at += this.size) bytes.copyWithin(at, 0, this.size);
    }
  }

  /** The address of a frame's struct page, as the kernel has it. */
  pageOf(frame: number): bigint {
    const chunk = this.#chunkOf(frame);
    const { vmemmap, sections } = this.#options;
    if (vmemmap && sections !== 'flat') return this.#machine.plan.vmemmap + BigInt(frame * this.size);
    return this.#machine.virtual(chunk.physical + (frame - chunk.first) * this.size);
  }

  /** Where it lies in memory. */
  physicalOf(frame: number): number {
    const chunk = this.#chunkOf(frame);
    return chunk.physical + (frame - chunk.first) * this.size;
  }

  /** Sets members of a struct page, or of a struct that lies over it. */
  set(
    frame: number,
    values: Readonly<Record<string, bigint | number | boolean>>,
    spec: StructSpec = this.shape.spec,
  ): void {
    const chunk = this.#chunkOf(frame);
    const view = new DataView(chunk.bytes.buffer, (frame - chunk.first) * this.size);
    for (const [path, value] of Object.entries(values)) {
      const { at, size, mask, value: placed } = place(spec, path, value);
      if (size === 8) view.setBigUint64(at, BigInt.asUintN(64, placed), true);
      else if (mask !== undefined)
        view.setUint32(at, ((view.getUint32(at, true) & ~mask) | Number(placed)) >>> 0, true);
      else if (size === 4) view.setUint32(at, Number(BigInt.asUintN(32, placed)), true);
      else view.setUint8(at, Number(placed));
    }
  }

  /** Says that a section is there whose struct pages are not made here. */
  declare(section: number): void {
    const coded = this.#machine.plan.vmemmap | PRESENT_FLAGS;
    this.#machine.fill(this.sectionSpec, this.#sectionAt(section), { section_mem_map: coded });
  }

  flags(...names: readonly string[]): bigint {
    return names.reduce((bits, name) => bits | (1n << BigInt(this.shape.flagBits[name] ?? 0)), 0n);
  }

  /** Puts a block of 2^order frames to a use; `low`: data in the low bits of a page type. */
  put(frame: number, use: PageUse, order = 0, low = 0): void {
    const { flags, ...rest } = this.#headOf(use, low);
    for (let i = 0; i < 2 ** order; i++) {
      const chunk = this.#chunkOf(frame + i);
      chunk.bytes.fill(0, (frame + i - chunk.first) * this.size, (frame + i + 1 - chunk.first) * this.size);
      this.set(frame + i, { _mapcount: 0xffffffff });
    }
    this.setFlags(frame, flags);
    this.set(frame, rest);
    if (use === 'buddy') this.set(frame, { private: order });
    else if (use === 'unaccepted') return;
    else if (order > 0 && use !== 'unused') this.compound(frame, order, use);
  }

  /** Marks a block as one page: head, tails, and the order in page[1]. */
  compound(frame: number, order: number, use?: PageUse): void {
    const { shape } = this;
    const head = this.flagsOf(frame) | this.flags('PG_head');
    this.setFlags(frame, head);
    for (let i = 1; i < 2 ** order; i++) {
      if (shape.head) this.set(frame + i, { [shape.head]: this.pageOf(frame) | 1n });
      else this.setFlags(frame + i, this.flags('PG_tail'));
    }
    // Huge pages of before 4.4 had their destructor in place of a list head's pointer.
    if (!shape.head) return;
    if (shape.huge === 'page-dtor')
      this.set(frame + 1, { compound_order: order, compound_dtor: use === 'hugetlb' ? HUGE_DTOR : 1 });
    else {
      const [folio] = shape.structs.filter(({ name }) => name === 'folio');
      const spec = folio ?? shape.spec;
      if (shape.huge === 'folio-dtor')
        this.set(frame, { _folio_order: order, _folio_dtor: use === 'hugetlb' ? HUGE_DTOR : 1 }, spec);
      else
        this.set(frame, { _flags_1: order | (shape.huge === 'flag' && use === 'hugetlb' ? 1 << HUGE_FLAG : 0) }, spec);
    }
  }

  setFlags(frame: number, flags: bigint): void {
    const wrapped = typeof memberOf(this.shape.spec, 'flags').type === 'object';
    this.set(frame, { [wrapped ? 'flags.f' : 'flags']: flags });
  }

  flagsOf(frame: number): bigint {
    const chunk = this.#chunkOf(frame);
    return new DataView(chunk.bytes.buffer).getBigUint64((frame - chunk.first) * this.size, true);
  }

  /** The struct page of a frame becomes a copy of another's, as where a huge page shares its memory map (5.18). */
  copy(from: number, to: number): void {
    const [source, target] = [this.#chunkOf(from), this.#chunkOf(to)];
    const at = (from - source.first) * this.size;
    target.bytes.set(source.bytes.subarray(at, at + this.size), (to - target.first) * this.size);
  }

  flush(): void {
    for (const { physical, bytes } of this.#chunks) this.#machine.physical.write(physical, bytes);
  }

  #headOf(use: PageUse, low: number): { readonly flags: bigint } & Readonly<Record<string, bigint | number>> {
    const mark = (type: MarkedType): number => {
      const value = this.shape.markOf(type, low);
      if (value === undefined) throw new Error(`this kernel has no page type ${type}`);
      return value;
    };
    const held = { flags: 0n, [this.shape.refcount]: 1 };
    const user = USER[use];
    if (user) return { ...held, ...user.values, flags: this.flags(...user.flags) };
    if (use === 'unused') return { flags: 0n };
    if (use === 'buddy' || use === 'unaccepted') return { flags: 0n, _mapcount: mark(use) };
    if (use === 'hugetlb') return { ...held, ...(this.shape.huge === 'type' ? { _mapcount: mark('hugetlb') } : {}) };
    if (use === 'slab' && this.shape.flagBits['PG_slab'] !== undefined)
      return { ...held, flags: this.flags('PG_slab') };
    return isMarked(use) ? { ...held, _mapcount: mark(use) } : held;
  }

  #chunkOf(frame: number) {
    const found = this.#chunks.find(({ first, bytes }) => frame >= first && frame < first + bytes.length / this.size);
    if (!found) throw new Error(`frame ${frame} has no struct page`);
    return found;
  }

  #layOut(): void {
    const { plan, physical } = this.#machine;
    const { sections } = this.#options;
    const end = Math.min(this.#options.frames, (physical.endFrame * physical.pageSize) / plan.pageSize);
    if (sections === 'flat') return this.#layOutFlat(end);
    const frames = this.#framesPerSection;
    const present = new Set<number>();
    for (const { start, size } of plan.ram) {
      const [from, to] = [start / plan.pageSize / frames, (start + size) / plan.pageSize / frames];
      for (let section = Math.floor(from); section < Math.min(to, end / frames); section++) present.add(section);
    }
    const table = this.#sectionTable();
    this.#sectionAt = table;
    for (const section of [...present].toSorted((a, b) => a - b)) {
      const first = section * frames;
      const count = Math.min(frames, end - first);
      const chunk = this.#addChunk(first, count);
      const map = this.pageOf(first);
      if (this.#options.vmemmap)
        this.#machine.tables.map(map, chunk.physical, roundUp(chunk.bytes.length, plan.pageSize));
      const coded = BigInt.asUintN(64, map - BigInt(first * this.size)) | PRESENT_FLAGS;
      this.#machine.fill(this.sectionSpec, table(section), { section_mem_map: coded });
    }
  }

  #layOutFlat(end: number): void {
    const pointer = this.#machine.variable('mem_map', 8);
    const chunk = this.#addChunk(0, end);
    this.#machine.poke(pointer, 8, this.#machine.virtual(chunk.physical));
  }

  #addChunk(first: number, count: number) {
    const bytes = new Uint8Array(count * this.size);
    const physical = this.#machine.allocate(
      roundUp(bytes.length, this.#machine.plan.pageSize),
      this.#machine.plan.pageSize,
    );
    const chunk = { first, physical, bytes };
    this.#chunks.push(chunk);
    return chunk;
  }

  /** Where the mem_section of a section lies. */
  #sectionTable(): (section: number) => bigint {
    const machine = this.#machine;
    const { sections } = this.#options;
    const count = 2 ** (this.#options.physicalBits - this.#options.sectionBits);
    const size = this.sectionSpec.size;
    if (sections === 'static') {
      const table = machine.allocateVirtual(count * size);
      machine.symbols.set('mem_section', table);
      return (section) => table + BigInt(section * size);
    }
    const perRoot = machine.plan.pageSize / size;
    const roots = machine.allocateVirtual((count / perRoot) * 8);
    machine.symbols.set('mem_section', roots);
    const made = new Map<number, bigint>();
    return (section) => {
      const root = Math.floor(section / perRoot);
      const table = made.get(root) ?? machine.allocateVirtual(perRoot * size);
      made.set(root, table);
      machine.poke(roots + BigInt(root * 8), 8, table);
      return table + BigInt((section % perRoot) * size);
    };
  }

  /** Lines of VMCOREINFO about the map. */
  note(): readonly string[] {
    const { spec, head, numbers } = this.shape;
    const { sections, sectionBits, physicalBits } = this.#options;
    const count = 2 ** (physicalBits - sectionBits);
    const perRoot = this.#machine.plan.pageSize / this.sectionSpec.size;
    const named = [
      'flags',
      this.shape.refcount,
      'mapping',
      'lru',
      '_mapcount',
      'private',
      'compound_dtor',
      'compound_order',
      ...(head === undefined ? [] : [head]),
    ];
    const folio = this.shape.huge === 'folio-dtor' ? this.shape.structs.filter(({ name }) => name === 'folio') : [];
    return [
      ...folio.flatMap((struct) =>
        ['_folio_dtor', '_folio_order'].map((name) => `OFFSET(folio.${name})=${memberOf(struct, name).at}`),
      ),
      ...(sections === 'flat'
        ? []
        : [
            `LENGTH(mem_section)=${sections === 'static' ? count : count / perRoot}`,
            `SIZE(mem_section)=${this.sectionSpec.size}`,
            'OFFSET(mem_section.section_mem_map)=0',
            `NUMBER(SECTION_SIZE_BITS)=${sectionBits}`,
            `NUMBER(MAX_PHYSMEM_BITS)=${physicalBits}`,
          ]),
      `SIZE(page)=${spec.size}`,
      ...named.filter((name) => hasMember(spec, name)).map((name) => `OFFSET(page.${name})=${memberOf(spec, name).at}`),
      'LENGTH(zone.free_area)=11',
      ...Object.entries(numbers).map(([name, value]) => `NUMBER(${name})=${value}`),
    ];
  }
}

const roundUp = (n: number, to: number): number => Math.ceil(n / to) * to;

import type { Kernel } from '../kernel/kernel.ts';
import { kernelModules } from '../kernel/modules.ts';
import { viewStruct } from '../layouts/struct-view.ts';
import { readNumber, type Scalar } from '../layouts/scalar.ts';
import { ifThere } from '../memory/memory-fault.ts';

/** What the stack looks like at an instruction (arch/x86/include/asm/orc_types.h). */
export interface OrcEntry {
  readonly spOffset: number;
  readonly bpOffset: number;
  readonly spRegister: OrcRegister;
  readonly bpRegister: OrcRegister;
  readonly kind: 'undefined' | 'end' | 'call' | 'registers' | 'partial';
}

/** What an offset counts from; `indirect`: from what is read there. */
export type OrcRegister =
  'undefined' | 'previous-sp' | 'sp' | 'bp' | 'sp-indirect' | 'bp-indirect' | 'ax' | 'dx' | 'di' | 'r10' | 'r13';

/** Their numbers from 4.14 on, and those that 7.2 has. Nothing in a dump names them. */
const OLD_REGISTERS: readonly OrcRegister[] = [
  'undefined',
  'previous-sp',
  'dx',
  'di',
  'bp',
  'sp',
  'r10',
  'r13',
  'bp-indirect',
  'sp-indirect',
];
const NEW_REGISTERS: readonly OrcRegister[] = [
  'undefined',
  'ax',
  'dx',
  'sp',
  'bp',
  'di',
  'r10',
  'r13',
  'previous-sp',
  'sp-indirect',
  'bp-indirect',
];
/** Entries that are looked at to tell the numbers apart. */
const LOOKED_AT = 4096;

interface Table {
  readonly from: bigint;
  readonly to: bigint;
  readonly places: DataView;
  readonly placesAt: bigint;
  readonly entries: Uint8Array;
}

/** Kernels have some 700,000 entries. */
const MOST_ENTRIES = 10_000_000;
const OLD_KINDS = ['call', 'registers', 'partial'] as const;
const NEW_KINDS = ['undefined', 'end', 'call', 'registers', 'partial'] as const;

/** The tables that x86 kernels unwind their stacks by (4.14, commit ee9f8fce9964), of the image and of its modules. */
export class OrcTables {
  readonly #kernel: Kernel;
  readonly #entry: number;
  readonly #fields: readonly Scalar[];
  readonly #end: Scalar | undefined;
  /** Since 6.4 (commit fb799447ae29) the kind says where a stack ends; before, a bit of its own did. */
  readonly #kinds: readonly OrcEntry['kind'][];
  #tables: readonly Table[] | undefined;
  #registers = OLD_REGISTERS;

  private constructor(kernel: Kernel, entry: number, fields: readonly Scalar[], end: Scalar | undefined) {
    this.#kernel = kernel;
    this.#entry = entry;
    this.#fields = fields;
    this.#end = end;
    this.#kinds = fields[4]?.bitSize === 2 ? OLD_KINDS : NEW_KINDS;
  }

  /** Undefined where the kernel has none, or its types do not say how they look. */
  static of(kernel: Kernel): OrcTables | undefined {
    const layout = kernel.layouts.struct('orc_entry');
    if (!layout || kernel.symbols.find('__start_orc_unwind') === undefined) return undefined;
    const fields = ['sp_offset', 'bp_offset', 'sp_reg', 'bp_reg', 'type'].map((name) => layout.scalar(name));
    const known = fields.filter((field) => field !== undefined);
    return known.length < fields.length ? undefined : new OrcTables(kernel, layout.size, known, layout.scalar('end'));
  }

  /** The entry that an instruction belongs to; undefined outside of the kernel's text. */
  find(address: bigint): OrcEntry | undefined {
    const table = this.#all().find(({ from, to }) => address >= from && address < to);
    if (!table) return undefined;
    let [below, above] = [0, table.places.byteLength / 4];
    while (above - below > 1) {
      const middle = (below + above) >>> 1;
      if (placeOf(table, middle) <= address) below = middle;
      else above = middle;
    }
    return placeOf(table, below) <= address ? this.#decode(table.entries, below * this.#entry) : undefined;
  }

  #all(): readonly Table[] {
    if (this.#tables) return this.#tables;
    this.#tables = [...this.#read()];
    const [first] = this.#tables;
    if (first && this.#countsFromSp(first, NEW_REGISTERS) > this.#countsFromSp(first, OLD_REGISTERS))
      this.#registers = NEW_REGISTERS;
    return this.#tables;
  }

  /** Where a function begins, the address to return to ends eight bytes above the stack pointer: the commonest of all entries. */
  #countsFromSp({ entries }: Table, registers: readonly OrcRegister[]): number {
    this.#registers = registers;
    let count = 0;
    for (let i = 0; i < LOOKED_AT; i++) {
      const entry = this.#decode(entries, i * this.#entry);
      if (entry?.kind === 'call' && entry.spOffset === 8 && entry.spRegister === 'sp') count++;
    }
    this.#registers = OLD_REGISTERS;
    return count;
  }

  #decode(bytes: Uint8Array, at: number): OrcEntry | undefined {
    if (at + this.#entry > bytes.length) return undefined;
    const [spOffset = 0, bpOffset = 0, spRegister = 0, bpRegister = 0, type = 0] = this.#fields.map((field) =>
      readNumber(field, bytes, at),
    );
    const ends = this.#end !== undefined && readNumber(this.#end, bytes, at) === 1;
    return {
      spOffset,
      bpOffset,
      spRegister: this.#registers[spRegister] ?? 'undefined',
      bpRegister: this.#registers[bpRegister] ?? 'undefined',
      kind: ends ? 'end' : (this.#kinds[type] ?? 'undefined'),
    };
  }

  *#read(): Generator<Table> {
    const { symbols, memory, layouts } = this.#kernel;
    const [places, behind] = [symbols.find('__start_orc_unwind_ip'), symbols.find('__stop_orc_unwind_ip')];
    const entries = symbols.find('__start_orc_unwind');
    if (places !== undefined && behind !== undefined && entries !== undefined)
      yield* this.#table(places, entries, Number(behind - places) / 4, symbols.find('_einittext'));
    for (const { address, extents } of kernelModules(this.#kernel).value) {
      const view = viewStruct(memory, layouts, 'module', address);
      if (!view.has('arch.num_orcs')) return;
      const found = ifThere(() => ({
        count: view.number('arch.num_orcs'),
        places: view.pointer('arch.orc_unwind_ip'),
        entries: view.pointer('arch.orc_unwind'),
      }));
      const [text] = extents;
      if (found && text) yield* this.#table(found.places, found.entries, found.count, text.start + BigInt(text.size));
    }
  }

  *#table(placesAt: bigint, entriesAt: bigint, count: number, end: bigint | undefined): Generator<Table> {
    if (!(count > 0 && count <= MOST_ENTRIES)) return;
    const { memory } = this.#kernel;
    const [places, entries] = [memory.tryRead(placesAt, count * 4), memory.tryRead(entriesAt, count * this.#entry)];
    if (!places || !entries) return;
    const view = new DataView(places.buffer, places.byteOffset, places.byteLength);
    const table = { from: 0n, to: 0n, places: view, placesAt, entries };
    const from = placeOf(table, 0);
    yield { ...table, from, to: end ?? placeOf(table, count - 1) + 1n };
  }
}

/** Each place is written as its distance from where it is written. */
const placeOf = ({ places, placesAt }: Table, i: number): bigint =>
  placesAt + BigInt(i * 4) + BigInt(places.getInt32(i * 4, true));

import { openBtf } from '../src/formats/btf/btf.ts';
import { parseVmcoreInfo } from '../src/formats/vmcoreinfo.ts';
import type { Kernel } from '../src/model/kernel/kernel.ts';
import { Layouts } from '../src/model/layouts/layouts.ts';
import { AddressSpace } from '../src/model/memory/address-space.ts';
import type { PhysicalMemory } from '../src/model/memory/physical-memory.ts';
import { PageTables } from '../src/model/memory/translation.ts';
import { x86Tables } from '../src/model/memory/x86-64.ts';
import type { SymbolTable } from '../src/model/symbols/symbol-table.ts';
import { BtfWriter, type WrittenMember } from './btf/btf-writer.ts';

const PAGE = 4096;
/** Where the direct map of a made kernel begins. */
export const MADE_BASE = 0xffff888000000000n;

/**
 * Types by name, members as `name: [offset in bytes, type]`; types are `u16`, `u32`, `long`, `pointer`, `list`, `char[16]`, a type
 * that stands before, and `module*`, a pointer to one.
 */
export type MadeTypes = Readonly<Record<string, Readonly<Record<string, readonly [number, string]>>>>;

/** A kernel whose memory is one direct map, filled word by word: as much of one as a walk needs. */
export class MadeKernel {
  readonly kernel: Kernel;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly symbols: Map<string, bigint> = new Map();
  readonly #excluded = new Set<number>();

  constructor(
    frames: number,
    types: MadeTypes,
    enums: Readonly<Record<string, Readonly<Record<string, number>>>> = {},
  ) {
    this.bytes = new Uint8Array(frames * PAGE);
    this.view = new DataView(this.bytes.buffer);
    const physical = this.#physical(frames);
    const directMap = { virtual: MADE_BASE, physical: 0, size: BigInt(frames * PAGE) };
    const tables = new PageTables(physical, 0, x86Tables(4));
    this.kernel = {
      file: 'made',
      machine: 'x86-64',
      release: '6.1.0',
      info: parseVmcoreInfo('OSRELEASE=6.1.0\nPAGESIZE=4096\n', 'made').value,
      memory: new AddressSpace(physical, PAGE, tables, [directMap]),
      directMap,
      symbols: this.#symbolTable(),
      layouts: new Layouts([openBtf(writeTypes(types, enums), 'made').value]),
      problems: [],
    };
  }

  /** Puts a 64-bit word at an address. */
  put(address: bigint, value: bigint): void {
    this.view.setBigUint64(Number(address - MADE_BASE), BigInt.asUintN(64, value), true);
  }

  put32(address: bigint, value: number): void {
    this.view.setUint32(Number(address - MADE_BASE), value >>> 0, true);
  }

  text(address: bigint, text: string): void {
    this.bytes.set(Buffer.from(`${text}\0`), Number(address - MADE_BASE));
  }

  /** Links list heads into a circle. */
  link(...heads: readonly bigint[]): void {
    for (const [i, head] of heads.entries()) {
      this.put(head, heads[(i + 1) % heads.length] ?? head);
      this.put(head + 8n, heads.at(i - 1) ?? head);
    }
  }

  /** As if the page of an address had been left out of the dump. */
  exclude(address: bigint): void {
    this.#excluded.add(Math.floor(Number(address - MADE_BASE) / PAGE));
  }

  #physical(frames: number): PhysicalMemory {
    const { bytes } = this;
    const excluded = this.#excluded;
    const state = (frame: number): 'present' | 'excluded' | 'absent' =>
      frame >= frames ? 'absent' : excluded.has(frame) ? 'excluded' : 'present';
    return {
      pageSize: PAGE,
      endFrame: frames,
      state,
      page: (frame) => (state(frame) === 'present' ? bytes.subarray(frame * PAGE, (frame + 1) * PAGE) : undefined),
      read(address, target) {
        for (let at = 0; at < target.length; at++) {
          const from = state(Math.floor((address + at) / PAGE));
          if (from !== 'present') return [{ offset: at, length: target.length - at, state: from }];
          target[at] = bytes[address + at] ?? 0;
        }
        return [];
      },
      counts: () => ({ present: frames - excluded.size, zero: 0, excluded: excluded.size, lost: 0 }),
    };
  }

  #symbolTable(): SymbolTable {
    const { symbols } = this;
    return {
      source: 'made',
      count: 0,
      find: (name) => symbols.get(name),
      findAll: (name) =>
        [...symbols].filter(([n]) => n === name).map(([n, address]) => ({ name: n, address, letter: 'D' })),
      at: () => undefined,
      spell: (address) => [...symbols].find(([, at]) => at === address)?.[0],
      matching: () => [],
    };
  }
}

function writeTypes(types: MadeTypes, enums: Readonly<Record<string, Readonly<Record<string, number>>>>): Uint8Array {
  const writer = new BtfWriter();
  const u32 = writer.int('unsigned int', 4);
  const u16 = writer.int('unsigned short', 2);
  const long = writer.int('long', 8, 1);
  const char = writer.int('char', 1, 1);
  const pointer = writer.pointer(0);
  const list = writer.struct('list_head', 16, [
    { name: 'next', type: pointer, bitOffset: 0 },
    { name: 'prev', type: pointer, bitOffset: 64 },
  ]);
  const known = new Map([
    ['u32', { id: u32, size: 4 }],
    ['u16', { id: u16, size: 2 }],
    ['long', { id: long, size: 8 }],
    ['pointer', { id: pointer, size: 8 }],
    ['list', { id: list, size: 16 }],
    ['char', { id: char, size: 1 }],
  ]);
  const typeOf = (name: string): { readonly id: number; readonly size: number } => {
    if (name.endsWith('*')) return { id: writer.pointer(typeOf(name.slice(0, -1)).id), size: 8 };
    const [, of = name, count] = /^(\w+)\[(\d+)\]$/.exec(name) ?? [];
    const base = known.get(of);
    if (base === undefined) throw new Error(`no type ${name}`);
    if (count === undefined) return base;
    return { id: writer.array(base.id, Number(count)), size: base.size * Number(count) };
  };
  for (const [name, members] of Object.entries(types)) {
    let size = 0;
    const written = Object.entries(members).map(([member, [offset, type]]): WrittenMember => {
      const { id, size: bytes } = typeOf(type);
      size = Math.max(size, offset + bytes);
      return { name: member, type: id, bitOffset: offset * 8 };
    });
    known.set(name, { id: writer.struct(name, size, written), size });
  }
  for (const [name, values] of Object.entries(enums)) writer.enum(name, values);
  return writer.bytes();
}

import { PageTableWriter } from './page-table-writer.ts';
import { planOf, type MachineOptions, type MachinePlan } from './machine-plan.ts';
import { SparseMemory } from './sparse-memory.ts';
import { place, type StructSpec } from './struct-spec.ts';

/** The kernel image: text, data and the root of the page tables. */
const IMAGE_BYTES = 2 ** 22;

/**
 * A machine with a kernel image and page tables, into which kernel structures are laid: in the image (variables), or in
 * memory that the boot allocator gives out and the direct map shows.
 */
export class Machine {
  readonly plan: MachinePlan;
  readonly physical: SparseMemory;
  readonly tables: PageTableWriter;
  /** Addresses as the running kernel had them. */
  readonly symbols: Map<string, bigint> = new Map<string, bigint>();
  #image: number;
  #boot: number;

  constructor(options: MachineOptions = {}) {
    this.plan = planOf(options);
    const { plan } = this;
    this.physical = new SparseMemory(plan.ram, plan.framePageSize);
    this.#image = 0;
    this.#boot = plan.bootAt;
    this.symbols.set('_text', plan.imageVirtual);
    this.variable('_stext', 4096, 4096);
    const root = this.variable('swapper_pg_dir', plan.pageSize, plan.pageSize);
    if (plan.machine === 'x86-64') this.symbols.set('init_top_pgt', root);
    this.tables = new PageTableWriter(this.physical, this.imagePhysical(root), plan.shape, (bytes) =>
      this.allocate(bytes, bytes),
    );
    this.tables.map(plan.imageVirtual, plan.imagePhysical, IMAGE_BYTES);
    for (const { start, size } of plan.ram) this.tables.map(this.virtual(start), start, size);
    const uts = this.variable('init_uts_ns', 512);
    for (const [i, name] of ['Linux', 'guest', plan.release, '#1 SMP'].entries())
      this.writeText(uts + BigInt(plan.utsNameAt + i * 65), name);
  }

  /** Room for a variable in the image; its address. */
  variable(name: string, bytes: number, align = 64): bigint {
    this.#image = Math.ceil(this.#image / align) * align;
    const address = this.plan.imageVirtual + BigInt(this.#image);
    this.#image += bytes;
    if (this.#image > IMAGE_BYTES) throw new Error('the image is full');
    this.symbols.set(name, address);
    return address;
  }

  /** Physical memory for page tables and structures; its physical address. */
  allocate(bytes: number, align = 64): number {
    const at = Math.ceil(this.#boot / align) * align;
    this.#boot = at + bytes;
    if (this.#boot > this.plan.bootEnd) throw new Error('the memory of the boot allocator is used up');
    return at;
  }

  /** The same, as the kernel sees it. */
  allocateVirtual(bytes: number, align?: number): bigint {
    return this.virtual(this.allocate(bytes, align));
  }

  /** Where the direct map shows a physical address. */
  virtual(physical: number): bigint {
    return this.plan.directMap + BigInt(physical - this.plan.directMapPhysical);
  }

  /** Of an address of the image or of the direct map. */
  physicalOf(address: bigint): number {
    const inImage = address - this.plan.imageVirtual;
    if (inImage >= 0n && inImage < BigInt(IMAGE_BYTES)) return this.imagePhysical(address);
    return Number(address - this.plan.directMap) + this.plan.directMapPhysical;
  }

  imagePhysical(address: bigint): number {
    return Number(address - this.plan.imageVirtual) + this.plan.imagePhysical;
  }

  write(address: bigint, bytes: Uint8Array): void {
    this.physical.write(this.physicalOf(address), bytes);
  }

  writeText(address: bigint, text: string): void {
    this.write(address, Buffer.from(`${text}\0`));
  }

  poke(address: bigint, size: number, value: bigint | number): void {
    this.physical.poke(this.physicalOf(address), size, value);
  }

  peek(address: bigint): bigint {
    const bytes = new Uint8Array(8);
    this.physical.read(this.physicalOf(address), bytes);
    return new DataView(bytes.buffer).getBigUint64(0, true);
  }

  /** Writes members by their paths. */
  fill(spec: StructSpec, address: bigint, values: Readonly<Record<string, bigint | number | boolean>>): void {
    for (const [path, value] of Object.entries(values)) {
      const { at, size, mask, value: placed } = place(spec, path, value);
      const to = address + BigInt(at);
      if (mask === undefined) this.poke(to, size, placed);
      else this.poke(to, size, (this.peek(to) & 0xffffffffn & ~BigInt(mask)) | placed);
    }
  }

  /** A new struct in memory of the boot allocator. */
  make(
    spec: StructSpec,
    values: Readonly<Record<string, bigint | number | boolean>>,
    bytes: number = spec.size,
  ): bigint {
    const at = this.allocateVirtual(bytes);
    this.fill(spec, at, values);
    return at;
  }

  text(text: string): bigint {
    const at = this.allocateVirtual(text.length + 1, 8);
    this.writeText(at, text);
    return at;
  }

  /** Makes a circular list of the list heads at these addresses; the first is the head. */
  link(heads: readonly bigint[]): void {
    for (const [i, at] of heads.entries()) {
      this.poke(at, 8, heads[(i + 1) % heads.length] ?? at);
      this.poke(at + 8n, 8, heads.at(i - 1) ?? at);
    }
  }
}

import type { CpuAreas } from './cpu-areas.ts';
import type { FrameSupply } from './frame-supply.ts';
import { marked, specOf, type BuiltCache, type BuiltSlab, type CacheSpec } from './heap-spec.ts';
import type { Machine } from './machine.ts';
import type { Memmap } from './memmap.ts';
import { slabTypes, type SlabOptions, type SlabTypes } from './slab-types.ts';

const RECLAIM_ACCOUNT = 0x20000n;

/** Lays caches and slabs out as SLAB does: an index of what is free in each slab, arrays that CPUs and nodes keep. */
export class SlabWriter {
  readonly types: SlabTypes;
  readonly #machine: Machine;
  readonly #memmap: Memmap;
  readonly #frames: FrameSupply;
  readonly #cpus: CpuAreas;
  readonly #nodes: number;

  constructor(
    machine: Machine,
    memmap: Memmap,
    frames: FrameSupply,
    cpus: CpuAreas,
    options: SlabOptions,
    nodes: number,
  ) {
    [this.#machine, this.#memmap, this.#frames, this.#cpus] = [machine, memmap, frames, cpus];
    this.#nodes = nodes;
    this.types = slabTypes(options);
  }

  add(spec: CacheSpec): BuiltCache {
    const { types } = this;
    const machine = this.#machine;
    const objectsPerSlab = Math.max(0, ...spec.slabs.map((slab) => specOf(slab).objects.length));
    const bytes = types.cache.size - 8 * 1024 + 8 * this.#nodes;
    const address = machine.make(
      types.cache,
      {
        size: spec.size,
        object_size: spec.objectSize ?? spec.size,
        flags: spec.reclaimable === true ? RECLAIM_ACCOUNT : 0n,
        num: objectsPerSlab,
        gfporder: spec.order ?? 0,
        name: machine.text(spec.name),
        refcount: 1,
      },
      bytes,
    );
    const slabs = spec.slabs.map((slab) => this.#addSlab(spec, specOf(slab).objects, address));
    const cache = { name: spec.name, address, slabs };
    const cpuCache = this.#cpus.allocate(types.array.size + 64 * 8);
    for (let cpu = 0; cpu < this.#cpus.count; cpu++) this.#fillArray(this.#cpus.at(cpuCache, cpu), cache, `${cpu}`);
    machine.fill(types.cache, address, { cpu_cache: cpuCache });
    for (let node = 0; node < this.#nodes; node++) this.#addNode(cache, node);
    return { ...cache, cpuCache };
  }

  #addSlab(spec: CacheSpec, text: string, cache: bigint): BuiltSlab {
    const { order = 0, size, index = 'start', colour = 0 } = spec;
    const { indexBytes } = this.types;
    const machine = this.#machine;
    const frame = this.#frames.take(order);
    const start = machine.virtual(frame * machine.plan.pageSize);
    const bytes = machine.plan.pageSize * 2 ** order;
    const room = Math.ceil((text.length * indexBytes) / 8) * 8;
    const at =
      index === 'off' ? machine.allocateVirtual(room) : start + BigInt(index === 'start' ? colour : bytes - room);
    const first = start + BigInt(colour + (index === 'start' ? room : 0));
    const objects = Array.from(text).map((_, i) => first + BigInt(i * size));
    const free = marked(text, 'f');
    const used = Array.from(text).flatMap((c, i) => (c === 'f' ? [] : [i]));
    for (const [i, object] of [...used, ...free].entries())
      machine.poke(at + BigInt(i * indexBytes), indexBytes, object);
    this.#memmap.put(frame, 'slab');
    if (order > 0) this.#memmap.compound(frame, order);
    this.#memmap.set(frame, { slab_cache: cache, freelist: at, s_mem: first, active: used.length }, this.types.slab);
    return { frame, page: this.#memmap.pageOf(frame), objects, text };
  }

  #addNode(cache: BuiltCache, node: number): void {
    const { types } = this;
    const machine = this.#machine;
    const others = machine.allocateVirtual(this.#nodes * 8);
    const address = machine.make(types.node, { alien: this.#nodes > 1 ? others : 0n });
    machine.fill(types.cache, cache.address, { [`node[${node}]`]: address });
    if (node > 0) return;
    const shared = machine.allocateVirtual(types.array.size + 64 * 8);
    this.#fillArray(shared, cache, 'h');
    machine.fill(types.node, address, { shared });
    if (this.#nodes < 2) return;
    const locked = types.structs.includes(types.alien);
    const alien = machine.allocateVirtual(types.alien.size + 64 * 8);
    this.#fillArray(alien + BigInt(locked ? (types.alien.members['ac']?.at ?? 0) : 0), cache, 'x');
    machine.poke(others + 8n, 8, alien);
  }

  #fillArray(at: bigint, { slabs }: BuiltCache, mark: string): void {
    const objects = slabs.flatMap((slab) => marked(slab.text, mark).map((i) => slab.objects[i] ?? 0n));
    this.#machine.fill(this.types.array, at, { avail: objects.length, limit: 64 });
    for (const [i, object] of objects.entries()) this.#machine.fill(this.types.array, at, { [`entry[${i}]`]: object });
  }
}

import type { CpuAreas } from './cpu-areas.ts';
import type { FrameSupply } from './frame-supply.ts';
import { marked, specOf, type BuiltCache, type BuiltSlab, type CacheSpec, type SlabSpec } from './heap-spec.ts';
import type { Machine } from './machine.ts';
import type { Memmap } from './memmap.ts';
import { slubTypes, type SlubOptions, type SlubTypes } from './slub-types.ts';
import { hasMember } from './struct-spec.ts';

const RANDOM = 0x9e3779b97f4a7c15n;
/** The bit of SLAB_RECLAIM_ACCOUNT before it became one of an enum. */
const RECLAIM_ACCOUNT = 17;
const SHEAF_CAPACITY = 32;

/** Lays caches and slabs out as SLUB does, free lists and sheaves included. */
export class SlubWriter {
  readonly types: SlubTypes;
  readonly #machine: Machine;
  readonly #memmap: Memmap;
  readonly #frames: FrameSupply;
  readonly #cpus: CpuAreas;
  readonly #options: SlubOptions;
  readonly #nodes: number;

  constructor(
    machine: Machine,
    memmap: Memmap,
    frames: FrameSupply,
    cpus: CpuAreas,
    options: SlubOptions,
    nodes: number,
  ) {
    [this.#machine, this.#memmap, this.#frames, this.#cpus] = [machine, memmap, frames, cpus];
    this.#options = options;
    this.#nodes = nodes;
    this.types = slubTypes(options);
  }

  /** `root` is the cache that this one belongs to. */
  add(spec: CacheSpec, root: bigint | undefined): BuiltCache {
    const { cache: struct } = this.types;
    const random = hasMember(struct, 'random') ? RANDOM ^ BigInt(spec.size) : undefined;
    const address = this.#makeCache(spec, root, random);
    const slabs = spec.slabs.map((slab) => this.#addSlab(spec, specOf(slab), address, random));
    const cache = { name: spec.name, address, slabs };
    const nodes = this.#addNodes(address);
    const cpuSlab = hasMember(struct, 'cpu_slab') ? this.#addCpuSlabs(spec, cache, random) : undefined;
    const cpuSheaves = hasMember(struct, 'cpu_sheaves') ? this.#addSheaves(cache, nodes) : undefined;
    return {
      ...cache,
      ...(cpuSlab === undefined ? {} : { cpuSlab }),
      ...(cpuSheaves === undefined ? {} : { cpuSheaves }),
    };
  }

  /** With as many nodes as there are, not as many as the type declares. */
  #makeCache(spec: CacheSpec, root: bigint | undefined, random: bigint | undefined): bigint {
    const { cache: struct } = this.types;
    const { size, order = 0 } = spec;
    const machine = this.#machine;
    const perSlab = Math.floor((machine.plan.pageSize * 2 ** order) / size);
    const { reclaimBit = RECLAIM_ACCOUNT } = this.#options;
    const known = (
      member: string,
      value: bigint | number | undefined,
      path = member,
    ): Readonly<Record<string, bigint | number>> =>
      hasMember(struct, member) && value !== undefined ? { [path]: value } : {};
    return machine.make(
      struct,
      {
        flags: spec.reclaimable === true ? 1n << BigInt(reclaimBit) : 0n,
        size,
        object_size: spec.objectSize ?? size,
        offset: spec.freeOffset ?? 0,
        'oo.x': order * 65536 + perSlab,
        name: machine.text(spec.name),
        refcount: 1,
        ...known('red_left_pad', spec.redLeftPad ?? 0),
        ...known('memcg_params', root, 'memcg_params.root_cache'),
        ...known('sheaf_capacity', SHEAF_CAPACITY),
        ...known('random', random),
      },
      struct.size - (hasMember(struct, 'node') ? 8 * 1024 : 0) + 16 * this.#nodes,
    );
  }

  #addSlab(spec: CacheSpec, slab: SlabSpec, cache: bigint, random: bigint | undefined): BuiltSlab {
    const { order = 0, size, redLeftPad = 0 } = spec;
    const machine = this.#machine;
    const frame = this.#frames.take(order);
    const start = machine.virtual(frame * machine.plan.pageSize) + BigInt(redLeftPad);
    const objects = Array.from(slab.objects).map((_, i) => start + BigInt(i * size));
    const own = marked(slab.objects, 'f').map((i) => objects[i] ?? 0n);
    this.#memmap.put(frame, 'slab');
    if (order > 0) this.#memmap.compound(frame, order);
    const frozen = slab.activeOn !== undefined || slab.partialOf !== undefined || /\d/.test(slab.objects);
    this.#memmap.set(
      frame,
      {
        [hasMember(this.types.slab ?? this.#memmap.shape.spec, 'slab_cache') ? 'slab_cache' : 'slab']: cache,
        freelist: this.#writeList(spec, own, random),
        objects: objects.length,
        inuse: objects.length - own.length,
        frozen,
      },
      this.types.slab,
    );
    return { frame, page: this.#memmap.pageOf(frame), objects, text: slab.objects };
  }

  /** Chains objects; the address of the first, 0 for none. */
  #writeList({ freeOffset = 0 }: CacheSpec, objects: readonly bigint[], random: bigint | undefined): bigint {
    for (const [i, object] of objects.entries()) {
      const at = object + BigInt(freeOffset);
      const next = objects[i + 1] ?? 0n;
      const turned = this.#options.hardened === 'swapped' ? swapped(at) : at;
      this.#machine.poke(at, 8, random === undefined ? next : next ^ random ^ turned);
    }
    return objects[0] ?? 0n;
  }

  #addCpuSlabs(spec: CacheSpec, cache: BuiltCache, random: bigint | undefined): bigint {
    const { cpu: struct } = this.types;
    const pointer = this.#cpus.allocate(struct.size);
    for (let cpu = 0; cpu < this.#cpus.count; cpu++) {
      const at = this.#cpus.at(pointer, cpu);
      const partial = spec.slabs.findIndex((slab) => specOf(slab).partialOf === cpu);
      if (partial >= 0 && hasMember(struct, 'partial'))
        this.#machine.fill(struct, at, { partial: cache.slabs[partial]?.page ?? 0n });
      const active = spec.slabs.findIndex((slab) => {
        const { activeOn, objects } = specOf(slab);
        return activeOn === cpu || objects.includes(`${cpu}`);
      });
      const slab = cache.slabs[active];
      if (!slab) continue;
      const list = marked(slab.text, `${cpu}`).map((i) => slab.objects[i] ?? 0n);
      const page = hasMember(struct, 'page') ? 'page' : 'slab';
      this.#machine.fill(struct, at, { freelist: this.#writeList(spec, list, random), [page]: slab.page });
    }
    this.#machine.fill(this.types.cache, cache.address, { cpu_slab: pointer });
    return pointer;
  }

  /** Nodes, each with its barn where there are sheaves; addresses of the barns. */
  #addNodes(cache: bigint): readonly bigint[] {
    const { types } = this;
    const machine = this.#machine;
    return Array.from({ length: this.#nodes }, (_, i) => {
      const node = machine.make(types.node, {});
      machine.link([node + BigInt(types.node.members['partial']?.at ?? 0)]);
      const hasBarn = hasMember(types.cache, 'cpu_sheaves');
      const barn = hasBarn ? machine.make(types.barn, {}) : 0n;
      if (hasBarn) for (const list of ['sheaves_full', 'sheaves_empty']) machine.link([this.#in('barn', barn, list)]);
      if (hasMember(types.cache, 'per_node'))
        machine.fill(types.cache, cache, { [`per_node[${i}].barn`]: barn, [`per_node[${i}].node`]: node });
      else {
        machine.fill(types.cache, cache, { [`node[${i}]`]: node });
        if (hasBarn) machine.fill(types.node, node, { barn });
      }
      return barn;
    });
  }

  #addSheaves(cache: BuiltCache, barns: readonly bigint[]): bigint | undefined {
    const { types } = this;
    const all = (mark: string): readonly bigint[] =>
      cache.slabs.flatMap(({ text, objects }) => marked(text, mark).map((i) => objects[i] ?? 0n));
    if (!cache.slabs.some(({ text }) => /[msrbMSRB]/.test(text))) return undefined;
    const pointer = this.#cpus.allocate(types.sheaves.size);
    for (let cpu = 0; cpu < this.#cpus.count; cpu++) {
      const marks = cpu === 0 ? (['m', 's', 'r'] as const) : cpu === 1 ? (['M', 'S', 'R'] as const) : [];
      const main = this.#makeSheaf(cache, all(marks[0] ?? ''));
      this.#machine.fill(types.sheaves, this.#cpus.at(pointer, cpu), { main });
      for (const [name, mark] of [['spare', marks[1]] as const, ['rcu_free', marks[2]] as const]) {
        const objects = all(mark ?? '');
        if (objects.length > 0)
          this.#machine.fill(types.sheaves, this.#cpus.at(pointer, cpu), { [name]: this.#makeSheaf(cache, objects) });
      }
    }
    for (const [i, barn] of barns.entries()) {
      const objects = all(i === 0 ? 'b' : i === 1 ? 'B' : '');
      const half = Math.ceil(objects.length / 2);
      const full = [objects.slice(0, half), objects.slice(half)].filter((part) => part.length > 0);
      const entries = full.map((part) => this.#in('sheaf', this.#makeSheaf(cache, part), 'barn_list'));
      this.#machine.link([this.#in('barn', barn, 'sheaves_full'), ...entries]);
    }
    this.#machine.fill(types.cache, cache.address, { cpu_sheaves: pointer });
    return pointer;
  }

  #makeSheaf({ address }: BuiltCache, objects: readonly bigint[]): bigint {
    const { sheaf } = this.types;
    const at = this.#machine.make(sheaf, { cache: address, size: objects.length }, sheaf.size + SHEAF_CAPACITY * 8);
    for (const [i, object] of objects.entries()) this.#machine.fill(sheaf, at, { [`objects[${i}]`]: object });
    return at;
  }

  #in(struct: 'barn' | 'sheaf', at: bigint, member: string): bigint {
    return at + BigInt(this.types[struct].members[member]?.at ?? 0);
  }
}

/** All eight bytes the other way round. */
export const swapped = (n: bigint): bigint => {
  let turned = 0n;
  for (let i = 0n; i < 64n; i += 8n) turned = (turned << 8n) | ((n >> i) & 0xffn);
  return turned;
};

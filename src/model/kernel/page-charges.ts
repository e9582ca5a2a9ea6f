import { ifThere } from '../memory/memory-fault.ts';
import type { Kernel } from './kernel.ts';

/** Flags in the low bits of page.memcg_data: it leads to a vector, it leads to an obj_cgroup, and one that is spare. */
const FLAGS = 7;
const VECTOR = 1;
/** As many low bits of an address as a number holds exactly; the upper ones are the same for all of the heap. */
const HIGH_BITS = 0xfffff;

/** Where the kernel keeps to whom a page, and each object of a slab, is charged. */
export interface ChargeFields {
  /** Of memcg_data in struct page, in bytes; mem_cgroup before 5.11 (commit bcfe06bf2622). */
  readonly at: number;
  /** From one object's word to the next: a pointer, or struct slabobj_ext (since 6.10, commit 21c690a349ba). */
  readonly stride: number;
  /** Of the pointer in it. */
  readonly within: number;
  /** Of the stride in struct slab, where slabs keep it themselves (since 7.0). */
  readonly ownStride?: number;
}

/** Undefined where the kernel charges nothing, or keeps caches per cgroup (before 5.9, commit 286e04b8ed7a). */
export function chargeFields({ layouts }: Kernel): ChargeFields | undefined {
  const at = layouts.firstOf('page', ['memcg_data', 'mem_cgroup'])?.offset;
  if (at === undefined || !layouts.struct('obj_cgroup')) return undefined;
  const ownStride = layouts.member('slab', 'stride')?.offset;
  return {
    at,
    stride: layouts.sizeOf('slabobj_ext') ?? 8,
    within: layouts.member('slabobj_ext', 'objcg')?.offset ?? 0,
    ...(ownStride === undefined ? {} : { ownStride }),
  };
}

/** Finds the memory cgroup that a word leads to, by its own address or through an obj_cgroup; each is read once. */
export class ChargeTargets {
  readonly #kernel: Kernel;
  readonly #numbers = new Map<number, number>();
  readonly #memcg: bigint;

  /** `groups`: addresses of struct mem_cgroup; the answers are their places. */
  constructor(kernel: Kernel, groups: readonly bigint[]) {
    this.#kernel = kernel;
    this.#memcg = BigInt(kernel.layouts.member('obj_cgroup', 'memcg')?.offset ?? 0);
    for (const [i, address] of groups.entries()) this.#numbers.set(keyOf(address), i);
  }

  /** −1 for none. `low`, `high`: halves of a word of page.memcg_data, with its flags. */
  of(low: number, high: number): number {
    if (high < 0xff000000) return -1;
    const address = (low & ~FLAGS) >>> 0;
    const key = (high & HIGH_BITS) * 2 ** 32 + address;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const objcg = (BigInt(high) << 32n) | BigInt(address);
    const memcg = ifThere(() => this.#kernel.memory.u64(objcg + this.#memcg)) ?? 0n;
    // What is itself an obj_cgroup never stands there: one step and no more.
    const found = this.#numbers.get(keyOf(memcg)) ?? -1;
    this.#numbers.set(key, found);
    return found;
  }

  /** For each object of a slab; −1 for those that are charged to nobody. Undefined where the slab has no vector. */
  ofSlab(fields: ChargeFields, low: number, high: number, objects: number, stride: number): Int32Array | undefined {
    if ((low & VECTOR) === 0 || high < 0xff000000) return undefined;
    const vector = (BigInt(high) << 32n) | BigInt((low & ~FLAGS) >>> 0);
    const bytes = this.#kernel.memory.tryRead(vector, objects * stride);
    if (!bytes) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const found = new Int32Array(objects).fill(-1);
    for (let i = 0; i < objects; i++) {
      const at = i * stride + fields.within;
      if (at + 8 <= bytes.length) found[i] = this.of(view.getUint32(at, true), view.getUint32(at + 4, true));
    }
    return found;
  }

  /** Whether the word is the address of a memory cgroup itself: such a page holds a reference to it. */
  isDirect(low: number, high: number, group: bigint): boolean {
    return (BigInt(high) << 32n) + BigInt((low & ~FLAGS) >>> 0) === group;
  }
}

const keyOf = (address: bigint): number => Number(BigInt.asUintN(52, address));

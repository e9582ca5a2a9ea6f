/** `kleak core cgroups --json`: memory cgroups, the dying ones first, each with what is charged to it. Sizes in bytes. */
export interface CoreCgroups {
  readonly cgroups: number;
  /** Their directory was removed, and something still refers to them. */
  readonly dying: number;
  /** Charged to dying ones, counted page by page and object by object; absent where the kernel does not say to whom. */
  readonly dyingBytes?: number;
  /** At least what the structs of one cgroup take, its share of per-CPU memory for all CPUs included. */
  readonly bytesEach: number;
  /** What keeps the dying ones, most of them first. */
  readonly pins: readonly CgroupPin[];
  /** Files with the most pages charged to dying ones. */
  readonly files: readonly CgroupFile[];
  readonly groups: readonly CoreCgroup[];
  readonly problems: readonly string[];
}

/** One kind of thing that keeps dying cgroups. */
export interface CgroupPin {
  readonly kind: 'page cache' | 'shmem' | 'anonymous memory' | 'kernel memory' | 'child cgroups' | 'swap' | 'referrer';
  /** Of page cache and shmem: ext4, tmpfs. */
  readonly fileSystem?: string;
  /** Of a referrer: `kmalloc-1k+0x2a8`, `struct bdi_writeback.memcg_css`, a symbol, a place. */
  readonly name?: string;
  /** Dying cgroups that it keeps. */
  readonly cgroups: number;
  /** Pages, children, words. */
  readonly count: number;
  readonly bytes?: number;
  /** Words that refer, 16 hex digits each. */
  readonly samples: readonly string[];
  /** Of a referrer: the cgroups that it keeps, as `groups` has their addresses. */
  readonly cgroupsHeld?: readonly string[];
}

export interface CgroupFile {
  readonly fileSystem: string;
  readonly path?: string;
  readonly inode: string;
  readonly bytes: number;
}

/** Addresses as 16 hex digits. */
export interface CoreCgroup {
  /** `/system.slice/cron.service`. */
  readonly path: string;
  readonly address: string;
  readonly online: boolean;
  /** Absent for the root. */
  readonly references?: number;
  /** Of the references of a dying one those that neither pages, children nor swap account for. */
  readonly otherReferences?: number;
  readonly children: number;
  /** With what is below it, as the kernel counts it. */
  readonly chargedBytes: number;
  /** Its own, by kind, counted. Absent where the kernel does not say to whom pages are charged. */
  readonly anonymousBytes?: number;
  readonly pageCacheBytes?: number;
  readonly shmemBytes?: number;
  readonly kernelBytes?: number;
  readonly slabObjects?: number;
  readonly slabBytes?: number;
}

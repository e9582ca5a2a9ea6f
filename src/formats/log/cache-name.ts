/** A per-cgroup cache of Linux 3.8 to 5.8: `name(id:cgroup)`; the end may be cut off. */
const PER_CGROUP = /^(.{1,64}?)\((\d+):([^)]*)\)?$/;

/** Splits the name of a cache from the memory cgroup it belongs to; of a cgroup without name the id is given. */
export function splitCacheName(text: string): { readonly cache: string; readonly memcg?: string } {
  const [, cache, id = '', group = ''] = PER_CGROUP.exec(text) ?? [];
  return cache === undefined ? { cache: text } : { cache, memcg: group === '' ? id : group };
}

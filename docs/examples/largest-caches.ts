/** The ten largest slab caches and how full they are: a large cache that is half empty is fragmented, not leaking. */
import { openCore } from 'kleak';

const core = openCore(process.argv[2] ?? 'vmcore');
for (const { name, allocated, total, bytes } of core.slabs().caches.slice(0, 10)) {
  const full = total === 0 ? 0 : Math.round((allocated / total) * 100);
  console.log(`${name.padEnd(24)} ${(bytes / 2 ** 20).toFixed(1).padStart(8)} MiB  ${String(full).padStart(3)} % full`);
}
core.close();

/**
 * What a member holds in all objects of a cache. Without more arguments: the `show` functions of the seq_operations that
 * kmalloc-cg-32 holds. An object that a driver forgot still names the driver's function.
 */
import { openCore } from 'kleak';

const [dump = 'vmcore', cache = 'kmalloc-cg-32', type = 'seq_operations', member = 'show'] = process.argv.slice(2);
const core = openCore(dump);
const counts = new Map<bigint, number>();
for (const { address, state } of core.objects(cache)) {
  if (state !== 'allocated') continue;
  const value = core.struct(type, address).u64(member);
  counts.set(value, (counts.get(value) ?? 0) + 1);
}

const common = [...counts].toSorted(([, a], [, b]) => b - a).slice(0, 10);
for (const [value, count] of common) console.log(`${count}\t${core.symbols.spell(value) ?? value}`);
core.close();

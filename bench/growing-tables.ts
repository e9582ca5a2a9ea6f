import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const capture = join(import.meta.dirname, '../fixtures/captures/healthy/end');
/** The cache that grows. */
const LEAKING = 'kmalloc-128';
const OBJECT_BYTES = 128;

/** Numbers without pattern that are the same in every run (mulberry32). */
export function noise(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Tables of one host, sample after sample: every number moves a little, one cache grows by a steady amount. */
export interface GrowingTables {
  meminfo(sample: number): string;
  slabinfo(sample: number): string;
}

/** `leaked`: objects lost from one sample to the next. */
export function growingTables(leaked: number): GrowingTables {
  const draw = noise(1);
  const meminfo = readFileSync(join(capture, 'meminfo'), 'latin1');
  const [version = '', header = '', ...rows] = readFileSync(join(capture, 'slabinfo'), 'latin1').trimEnd().split('\n');
  const caches = rows.map((row) => {
    const [, name = '', active, total, sizes = '', perSlab] =
      /^(\S+) +(\d+) +(\d+)( +\d+ +(\d+) +\d+) : /.exec(row) ?? [];
    return {
      name,
      active: Number(active),
      total: Number(total),
      sizes,
      perSlab: Number(perSlab),
    };
  });
  const grown = (sample: number): number => sample * leaked;
  const leakedKb = (sample: number): number => Math.floor((grown(sample) * OBJECT_BYTES) / 1024);
  return {
    meminfo(sample) {
      return meminfo.replace(/^(\w+|\w+\(\w+\)): +(\d+) kB$/gm, (line, name: string, kb: string) => {
        const amount = Number(kb) + change(name, leakedKb(sample), draw);
        return /^(?:MemTotal|SwapTotal|Hugepagesize|VmallocTotal)$/.test(name) || amount < 0
          ? line
          : `${`${name}:`.padEnd(16)}${String(amount).padStart(8)} kB`;
      });
    },
    slabinfo(sample) {
      const table = caches.map(({ name, active, total, sizes, perSlab }) => {
        const more = name === LEAKING ? grown(sample) : 0;
        const spare = draw(Math.max(1, Math.ceil(total / 20)));
        const used = Math.max(0, active - spare) + more;
        const [objects, slabs] = [total + more, Math.ceil((total + more) / perSlab)].map((n) => String(n).padStart(6));
        const slabdata = `tunables    0    0    0 : slabdata ${slabs} ${slabs}      0`;
        return `${name.padEnd(17)} ${String(used).padStart(6)} ${objects}${sizes} : ${slabdata}\n`;
      });
      return `${version}\n${header}\n${table.join('')}`;
    },
  };
}

function change(name: string, leakedKb: number, draw: (below: number) => number): number {
  const wobble = draw(64);
  if (name === 'SUnreclaim' || name === 'Slab') return leakedKb;
  return name === 'MemFree' || name === 'MemAvailable' ? wobble - leakedKb : name === 'Cached' ? wobble : 0;
}

import { bytes, seconds } from '../src/base/units.ts';
import type { Sample } from '../src/model/sample.ts';
import { seededRandom } from './seeded-random.ts';

/** How memory of a made-up host moves by itself. */
export type NoiseKind = 'white' | 'lasting' | 'walk' | 'walk-and-white' | 'bursts' | 'steps';

/** A made-up host with known truth. Rates are bytes per hour, times seconds. */
export interface MadeHost {
  readonly seed: number;
  readonly noise: NoiseKind;
  /** Standard deviation of the noise, or of one step of it; bytes. */
  readonly scale: number;
  readonly totalBytes?: number;
  /** What unreclaimable slab and its leaking cache gain by themselves. */
  readonly leak?: (time: number) => number;
  /** Bytes by which cache and slab are changed at a time, e.g. by an act. */
  readonly effect?: (time: number) => number;
  readonly boot?: string;
}

const GIB = 2 ** 30;
const PAGE = 4096;

/** Samples of that host at given times; the same for the same seed. */
export function simulateHost(host: MadeHost, times: readonly number[]): readonly Sample[] {
  const random = seededRandom(host.seed);
  const total = host.totalBytes ?? 8 * GIB;
  const noises = ['slab', 'cache', 'processes', 'tables', 'cached', 'rest'].map(() => noiseOf(host, random));
  const start = times[0] ?? 0;
  return times.map((time): Sample => {
    const [slab = 0, own = 0, users = 0, tables = 0, cached = 0, rest = 0] = noises.map((next) => next());
    const leaked = (host.leak?.(time - start) ?? 0) + (host.effect?.(time) ?? 0);
    const cache = page(80e6 + own + leaked);
    const held = new Map<string, number>([
      ['slab-unreclaimable', cache + page(120e6 + slab)],
      ['slab-reclaimable', page(400e6 + slab / 2)],
      ['processes', page(900e6 + 4 * users)],
      ['page-tables', page(20e6 + tables / 4)],
      ['page-cache', page(2e9 + 8 * cached)],
    ]);
    const unexplained = page(60e6 + rest);
    const used = [...held.values()].reduce((a, b) => a + b, unexplained);
    held.set('free', Math.max(0, total - used));
    return {
      at: 1_790_000_000_000 + time * 1000,
      boot: host.boot ?? 'made-up',
      uptime: seconds(time),
      totalBytes: bytes(total),
      buckets: new Map([...held].map(([name, n]) => [name, bytes(n)])),
      unexplained: bytes(unexplained),
      caches: [
        { name: 'kmalloc-128', bytes: bytes(cache), objects: Math.round(cache / 128) },
        { name: 'filp', bytes: bytes(page(8e6 + own / 4)), objects: 20_000 },
        { name: 'dentry', bytes: bytes(page(150e6 + slab / 8)), objects: 700_000 },
      ],
      processes: [],
    };
  });
}

const page = (n: number): number => Math.max(0, Math.round(n / PAGE) * PAGE);

/** Evenly spaced times, from `start` on. */
export const every = (gap: number, count: number, start = 1000): readonly number[] =>
  Array.from({ length: count }, (_, i) => start + i * gap);

/** Values of one noise, one after another. */
export function noiseOf({ noise, scale }: Pick<MadeHost, 'noise' | 'scale'>, random: () => number): () => number {
  const gauss = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  let level = noise === 'lasting' ? (gauss() * scale) / Math.sqrt(1 - 0.9 ** 2) : 0;
  return () => {
    switch (noise) {
      case 'white':
        return gauss() * scale;
      case 'lasting':
        return (level = 0.9 * level + gauss() * scale);
      case 'walk':
        return (level += gauss() * scale);
      case 'walk-and-white':
        return (level += (gauss() * scale) / 2) + gauss() * scale;
      case 'bursts':
        return gauss() * scale + (random() < 0.04 ? scale * 20 * random() : 0);
      case 'steps':
        return (level += random() < 0.05 ? gauss() * scale * 3 : 0);
    }
  };
}

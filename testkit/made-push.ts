const MIB = 2 ** 20;
const HOUR = 3_600_000;

export interface MadePush {
  readonly hours: number;
  /** Milliseconds since 1970, of the last sample. */
  readonly until: number;
  /** MiB at an hour, from 0 on. */
  readonly kmalloc?: (hour: number) => number;
  readonly unexplained?: (hour: number) => number;
  readonly boot?: (hour: number) => string;
  readonly events?: readonly {
    readonly hour: number;
    readonly kind: string;
    readonly name: string;
    readonly detail?: string;
  }[];
  readonly attributes?: Readonly<Record<string, string>>;
  /** A name of a cache of 20 MiB that it has besides. */
  readonly cache?: string;
  /** Samples in an hour. */
  readonly perHour?: number;
}

/** What a host of 16 GiB sends in one push: a workload with its day, caches, and what is made to grow. */
export function madePush(host: string, made: MadePush): string {
  const { hours, until, perHour = 2, boot = () => 'boot-1', events = [], attributes = {}, cache } = made;
  const from = until - hours * HOUR;
  const amount = (mib: number): number => Math.round(mib * 256) * 4096;
  const samples = Array.from({ length: hours * perHour + 1 }, (_, i) => {
    const hour = i / perHour;
    const day = Math.sin((hour / 24) * 2 * Math.PI);
    const noise = (seed: number): number => Math.sin(i * seed) * 4;
    const kmalloc = amount(made.kmalloc?.(hour) ?? 120);
    const unexplained = amount(made.unexplained?.(hour) ?? 180 + noise(7));
    const [processes, cached] = [amount(4200 + 400 * day + noise(3)), amount(5200 - 300 * day + noise(11))];
    const [slab, reclaimable] = [amount(260 + noise(5)) + kmalloc, amount(700 + 30 * day + noise(13))];
    const rest = { vmalloc: amount(96), 'kernel-stack': amount(22), percpu: amount(48), 'page-tables': amount(64) };
    const used = processes + cached + slab + reclaimable + unexplained + amount(230);
    return {
      at: from + hour * HOUR,
      boot: boot(hour),
      totalBytes: amount(16_384),
      unexplained,
      buckets: {
        processes,
        'page-cache': cached,
        'slab-unreclaimable': slab,
        'slab-reclaimable': reclaimable,
        ...rest,
        free: Math.max(0, amount(16_384) - used),
      },
      caches: [
        { name: 'kmalloc-128', bytes: kmalloc },
        { name: 'dentry', bytes: amount(420 + 20 * day) },
        { name: 'inode_cache', bytes: amount(180) },
        { name: 'task_struct', bytes: amount(40 + noise(17) / 4) },
        ...(cache === undefined ? [] : [{ name: cache, bytes: 20 * MIB }]),
      ],
    };
  });
  return JSON.stringify({
    schema: 'kleak.push/1',
    host,
    attributes: { kernel: '6.12.9', architecture: 'x64', ...attributes },
    samples,
    events: events.map(({ hour, ...event }) => ({ ...event, at: from + hour * HOUR })),
  });
}

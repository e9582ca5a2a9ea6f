import { parseExposition, type ExposedSample } from '../../formats/prometheus/exposition.ts';
import type { PushedSample } from '../../sources/store/pushed-sample.ts';
import { InputError } from '../../sources/input-error.ts';
import { readMetrics } from '../../sources/prometheus/metrics-client.ts';

/** What `kleak export` of a host says at one moment. */
export interface ReadExporter {
  readonly sample: PushedSample;
  /** Versions: of the kernel, of kleak, `driver NAME`, `package NAME`. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** Milliseconds, bytes for one host. */
const TIME_LIMIT = 5000;
const MOST = 4 * 2 ** 20;
const MOST_ATTRIBUTES = 100;

/**
 * Asks one host. Throws InputError, in a line, where it does not answer, or what answers is not `kleak export` with a sample; the signal's
 * reason where that was aborted.
 */
export async function readExporter(
  url: string,
  signal: AbortSignal,
  timeLimit: number = TIME_LIMIT,
): Promise<ReadExporter> {
  const { samples } = parseExposition(await readMetrics(url, { timeLimit, most: MOST, signal }));
  const byName = Map.groupBy(samples, ({ name }) => name);
  const one = (name: string): number | undefined => byName.get(name)?.[0]?.value;
  const [taken, totalBytes] = [one('kleak_sample_timestamp_seconds'), one('kleak_memory_total_bytes')];
  if (byName.get('kleak_build_info') === undefined)
    throw new InputError(url, 'no metrics of kleak export', 'give the address that kleak export prints');
  if (taken === undefined || totalBytes === undefined || totalBytes < 1)
    throw new InputError(url, 'kleak export has no sample of that host yet', 'look at what it says there');
  const unexplained = one('kleak_memory_unexplained_bytes');
  return {
    sample: {
      at: Math.round(taken * 1000),
      boot: bootOf(one('node_boot_time_seconds')),
      totalBytes,
      ...(unexplained === undefined ? {} : { unexplained }),
      buckets: Object.fromEntries(labelled(byName.get('kleak_memory_bucket_bytes'), 'bucket')),
      caches: labelled(byName.get('kleak_slab_cache_bytes'), 'cache').map(([name, bytes]) => ({ name, bytes })),
    },
    attributes: attributesOf(byName),
  };
}

/** Empty where nothing tells one boot from another (`--node-names none`). */
const bootOf = (seconds: number | undefined): string => (seconds === undefined ? '' : `since ${Math.round(seconds)}`);

/** The clock of a host is corrected, and with it the moment it says it was booted: a minute apart is another boot. */
export function isSameBoot(one: string, other: string): boolean {
  const [a, b] = [one, other].map((boot) => Number(/^since (\d+)$/.exec(boot)?.[1] ?? Number.NaN));
  return one === other || Math.abs((a ?? 0) - (b ?? 0)) <= 60;
}

const labelled = (samples: readonly ExposedSample[] | undefined, label: string): (readonly [string, number])[] =>
  (samples ?? []).flatMap(({ labels, value }) => {
    const name = labels.get(label);
    return name === undefined || name === '' ? [] : [[name, value] as const];
  });

function attributesOf(byName: ReadonlyMap<string, readonly ExposedSample[]>): Readonly<Record<string, string>> {
  const build = byName.get('kleak_build_info')?.[0]?.labels;
  const versions = (kind: 'driver' | 'package'): (readonly [string, string])[] =>
    (byName.get(`kleak_${kind}_info`) ?? []).flatMap(({ labels }) => {
      const [name, version] = [labels.get(kind), labels.get('version')];
      return name === undefined || version === undefined ? [] : [[`${kind} ${name}`, version] as const];
    });
  const verdict = byName
    .get('kleak_verdict')
    ?.find(({ value }) => value === 1)
    ?.labels.get('verdict');
  return Object.fromEntries(
    [
      ['kernel', build?.get('kernel') ?? ''] as const,
      ['kleak', build?.get('version') ?? ''] as const,
      ['its own verdict', verdict ?? ''] as const,
      ...versions('driver'),
      ...versions('package'),
    ]
      .filter(([, value]) => value !== '')
      .slice(0, MOST_ATTRIBUTES),
  );
}

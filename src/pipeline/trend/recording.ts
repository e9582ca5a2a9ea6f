import type { Bytes } from '../../base/units.ts';
import type { TrendPoint } from '../../model/trend.ts';
import type { HostEvent, Sample } from '../../model/sample.ts';

/** A quantity by its kind and name. */
export interface Track {
  readonly kind: 'unexplained' | 'bucket' | 'cache';
  readonly name: string;
  /** By sample; NaN where it was not measured. */
  readonly values: number[];
  readonly objects: number[];
}

/** Samples of one host by quantity, in columns: a recording of weeks has hundreds of caches. */
export class Recording {
  readonly #tracks = new Map<string, Track>();
  readonly #at: number[] = [];
  readonly #uptime: number[] = [];
  readonly #boot: string[] = [];
  readonly events: HostEvent[] = [];
  #last: Sample | undefined;

  get samples(): number {
    return this.#at.length;
  }

  get last(): Sample | undefined {
    return this.#last;
  }

  get tracks(): readonly Track[] {
    return [...this.#tracks.values()];
  }

  add(sample: Sample): void {
    this.#at.push(sample.at);
    this.#uptime.push(sample.uptime);
    this.#boot.push(sample.boot);
    this.#last = sample;
    if (sample.unexplained !== undefined) this.#put('unexplained', 'unexplained', sample.unexplained);
    for (const [name, held] of sample.buckets) this.#put('bucket', name, held);
    for (const { name, bytes, objects } of sample.caches) this.#put('cache', name, bytes, objects);
  }

  #put(kind: Track['kind'], name: string, held: Bytes, objects?: number): void {
    const key = `${kind} ${name}`;
    const track = this.#tracks.get(key) ?? { kind, name, values: [], objects: [] };
    this.#tracks.set(key, track);
    const index = this.#at.length - 1;
    // A bucket that was empty is not listed; a cache may have been below the threshold.
    while (track.values.length < index) {
      track.values.push(kind === 'bucket' ? 0 : Number.NaN);
      track.objects.push(Number.NaN);
    }
    track.values[index] = held;
    track.objects[index] = objects ?? Number.NaN;
  }

  /** Seconds of every sample, by the clock that its boot ended with: what came before the clock was set is set right. */
  times(): readonly number[] {
    const offsets = new Map<string, number>();
    for (const [i, boot] of this.#boot.entries()) offsets.set(boot, (this.#at[i] ?? 0) / 1000 - (this.#uptime[i] ?? 0));
    return this.#boot.map((boot, i) => (offsets.get(boot) ?? 0) + (this.#uptime[i] ?? 0));
  }

  points({ values }: Track, times: readonly number[]): readonly TrendPoint[] {
    return values.flatMap((value, i) => {
      const at = times[i];
      return at === undefined || Number.isNaN(value) ? [] : [{ at, value, boot: this.#boot[i] ?? '' }];
    });
  }

  boots(times: readonly number[]): readonly { readonly boot: string; readonly from: number; readonly to: number }[] {
    const boots = new Map<string, { boot: string; from: number; to: number }>();
    for (const [i, boot] of this.#boot.entries()) {
      const at = times[i] ?? 0;
      const known = boots.get(boot);
      if (known) known.to = at;
      else boots.set(boot, { boot, from: at, to: at });
    }
    return [...boots.values()];
  }
}

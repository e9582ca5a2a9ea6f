import type { Sample } from '../../model/sample.ts';

/** Samples that are kept. When there are more, every second one of the older half goes. */
const MOST = 1440;

/** Samples of one boot, oldest first. What is long ago is kept in larger steps, so that memory is bounded. */
export class History {
  #samples: Sample[] = [];
  #taken = 0;
  #recorded = 0;

  get samples(): readonly Sample[] {
    return this.#samples;
  }

  /** All that were ever added. */
  get taken(): number {
    return this.#taken;
  }

  get recorded(): number {
    return this.#recorded;
  }

  /** Samples of a recording, older than all that is watched. Those of other boots, and of the future, say nothing here. */
  preload(samples: Iterable<Sample>, now: Sample): void {
    for (const sample of samples) {
      if (sample.boot !== now.boot || sample.uptime >= now.uptime) continue;
      this.add(sample);
      this.#recorded++;
    }
  }

  add(sample: Sample): void {
    const last = this.#samples.at(-1);
    // Another boot, as a guest that was restored: nothing before it can be compared.
    if (last && (last.boot !== sample.boot || sample.uptime <= last.uptime)) this.#samples = [];
    this.#samples.push(sample);
    this.#taken++;
    if (this.#samples.length > MOST) {
      const half = this.#samples.length >> 1;
      this.#samples = this.#samples.filter((_, i) => i >= half || i % 2 === 0);
    }
  }
}

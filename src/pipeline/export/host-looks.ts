import type { Diagnosis } from '../../findings/diagnosis.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { InputError } from '../../sources/input-error.ts';
import { collect } from '../collect.ts';
import { diagnoseSnapshots } from '../diagnose.ts';

/** Whole looks that are kept; thinned beyond. */
const MOST = 24;
/** Of a look that is no longer the last, smaller caches say nothing about growth. */
const LEAST_CACHE = 64 * 1024;

/** One whole look at the host: all that `kleak` alone reads, and what it says together with earlier ones. */
export interface HostLook {
  readonly diagnosis: Diagnosis;
  readonly snapshot: Snapshot;
}

/** Looks at the host now and then, and diagnoses them as a series. Remembers what `window` seconds hold, in few looks. */
export class HostLooks {
  readonly #root: string;
  readonly #window: number;
  #earlier: Snapshot[] = [];

  constructor(root: string, window: number) {
    this.#root = root;
    this.#window = window;
  }

  async look(signal: AbortSignal): Promise<HostLook> {
    const collected = await collect([], { root: this.#root, signal });
    const snapshot = collected.snapshots.at(-1);
    if (!snapshot) throw new InputError('this host', 'shows nothing of its memory', 'mount /proc');
    this.#forget(snapshot);
    const diagnosis = diagnoseSnapshots({ ...collected, snapshots: [...this.#earlier, snapshot] });
    this.#earlier.push(shortened(snapshot));
    return { diagnosis, snapshot };
  }

  /** What is of another boot, or too old; of more than there is room for, every second one but the first and the newest. */
  #forget({ host, time }: Snapshot): void {
    const now = time?.seconds ?? 0;
    this.#earlier = this.#earlier.filter(
      (s) =>
        s.host.boot === host.boot &&
        s.time !== undefined &&
        s.time.seconds >= now - this.#window &&
        s.time.seconds < now,
    );
    if (this.#earlier.length < MOST) return;
    const last = this.#earlier.length - 1;
    this.#earlier = this.#earlier.filter((_, i) => i % 2 === 0 || i === last);
  }
}

/** What growth is measured of, and no more. */
function shortened(snapshot: Snapshot): Snapshot {
  const { caches } = snapshot;
  return {
    ...snapshot,
    ...(caches ? { caches: { ...caches, caches: caches.caches.filter((c) => c.bytes >= LEAST_CACHE) } } : {}),
    events: [],
    processes: [],
    programs: [],
    modules: [],
    seen: [],
  };
}

import { seconds } from '../../base/units.ts';
import type { RecordKind, Sighting, SightingOf } from '../../formats/catalog.ts';
import type { SnapshotTime } from '../snapshot.ts';

/** Blocks that belong to one moment. */
export class Bag {
  readonly #sightings: Sighting[] = [];
  readonly #kinds = new Set<RecordKind>();
  time?: SnapshotTime;
  label?: string;
  stamped = false;
  /** Before the first stamp of a file with stamps, or one of a long series: no other file's tables are of that moment. */
  isOfSeries = false;

  get sightings(): readonly Sighting[] {
    return this.#sightings;
  }

  has(kind: RecordKind): boolean {
    return this.#kinds.has(kind);
  }

  add(sighting: Sighting): void {
    this.#sightings.push(sighting);
    this.#kinds.add(sighting.kind);
  }

  /** Hands over what it holds and is empty then. */
  empty(): readonly Sighting[] {
    this.#kinds.clear();
    return this.#sightings.splice(0);
  }

  /** What another bag has and this one lacks. */
  addMissing(other: Bag): void {
    for (const s of other.sightings.filter(({ kind }) => !this.has(kind))) this.add(s);
  }

  addAll(other: Bag): void {
    for (const s of other.sightings) this.add(s);
  }
}

/** More stamped moments than this are thinned. */
const MOST = 512;

/**
 * Bags by time stamp. Files that were stamped at the same time meet in one bag. When there are too many, the time is
 * divided into wider and wider steps and the first moment of each step stays, so that several files of one collector
 * are thinned alike.
 */
export class StampedBags {
  #bags = new Map<number, Bag>();
  /** Stamped in words that tell no time, in the order read. */
  #untimed: Bag[] = [];
  #last: Bag | undefined;
  #step = 1;

  /** The bag for a stamp. A stamp right behind another one (`date; uptime`) adds to the same moment. */
  open(stamp: SightingOf<'stamp'>, current: Bag | undefined): Bag {
    const { epochSeconds, uptimeSeconds, text } = stamp.value;
    const same = current?.stamped === true && current.sightings.length === 0 ? current : undefined;
    const at = { kind: 'line', file: stamp.file, line: stamp.line } as const;
    const time: SnapshotTime | undefined =
      epochSeconds !== undefined
        ? { seconds: seconds(epochSeconds), clock: 'epoch', at }
        : uptimeSeconds !== undefined
          ? { seconds: seconds(uptimeSeconds), clock: 'boot', at }
          : undefined;
    if (same) {
      if (same.time === undefined && time) this.#stamp(same, time);
      return same;
    }
    const known = time ? this.#bags.get(this.#key(time)) : undefined;
    if (known && time && Math.abs((known.time?.seconds ?? 0) - time.seconds) < 2) return known;
    const bag = new Bag();
    bag.stamped = true;
    bag.label = text.trim().slice(0, 60);
    if (time) this.#stamp(bag, time, known !== undefined);
    else this.#keepUntimed(bag);
    return bag;
  }

  /** The same table again behind one stamp: another moment just after it. */
  after(bag: Bag, sighting: Sighting): Bag {
    const next = new Bag();
    next.label = `${sighting.file}:${sighting.line}`;
    next.add(sighting);
    next.stamped = bag.stamped;
    this.#keepUntimed(next);
    return next;
  }

  merge(other: StampedBags): void {
    while (this.#step < other.#step) this.#widen();
    for (const bag of other.#bags.values()) {
      if (!bag.time) continue;
      const mine = this.#bags.get(this.#key(bag.time));
      mine?.addMissing(bag);
      if (!mine) this.#bags.set(this.#key(bag.time), bag);
      this.#keepLast(bag);
    }
    for (const bag of other.#untimed) this.#keepUntimed(bag);
  }

  sorted(): readonly Bag[] {
    const timed = [...new Set([...this.#bags.values(), ...(this.#last ? [this.#last] : [])])];
    return [...this.#untimed, ...timed.toSorted((a, b) => (a.time?.seconds ?? 0) - (b.time?.seconds ?? 0))].filter(
      (b) => b.sightings.length > 0,
    );
  }

  /** `crowded`: the step has its moment already; this one is kept only as the newest. */
  #stamp(bag: Bag, time: SnapshotTime, crowded = false): void {
    bag.time = time;
    if (!crowded) this.#bags.set(this.#key(time), bag);
    this.#keepLast(bag);
    while (this.#bags.size > MOST) this.#widen();
  }

  #keepUntimed(bag: Bag): void {
    this.#untimed.push(bag);
    if (this.#untimed.length > MOST) this.#untimed = this.#untimed.filter((_, i) => i % 2 === 0);
  }

  #keepLast(bag: Bag): void {
    if (bag.time && (this.#last?.time === undefined || bag.time.seconds > this.#last.time.seconds)) this.#last = bag;
  }

  #key(time: SnapshotTime): number {
    return Math.max(0, Math.floor(time.seconds / this.#step));
  }

  #widen(): void {
    this.#step *= 2;
    const kept = new Map<number, Bag>();
    for (const bag of this.#bags.values()) {
      if (!bag.time) continue;
      const wide = this.#key(bag.time);
      const first = kept.get(wide);
      if (first === undefined || (first.time?.seconds ?? 0) > (bag.time?.seconds ?? 0)) kept.set(wide, bag);
    }
    this.#bags = kept;
  }
}

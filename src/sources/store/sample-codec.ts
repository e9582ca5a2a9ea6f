import { bytes, isQuantity, type Bytes } from '../../base/units.ts';
import type { CacheSample, ProcessSample, Sample } from '../../model/sample.ts';

/** The part of a sample that is stored as one value: all amounts, without the names, which the layout has. */
export type Amounts = Pick<Sample, 'totalBytes' | 'buckets' | 'unexplained' | 'available' | 'caches'>;

/** Names of the amounts of a sample, in the order they stand in it. Most samples of a host share one. */
export interface Layout {
  readonly buckets: readonly string[];
  readonly caches: readonly string[];
}

export const layoutOf = (sample: Amounts): Layout => ({
  buckets: [...sample.buckets.keys()].toSorted(),
  caches: sample.caches.map((c) => c.name),
});

/** What a stored value holds in place of an amount that was not measured. */
const ABSENT = 0;
/** Nearly all amounts are whole pages; those that are not are kept by the byte. */
const PAGE = 4096;

/**
 * Amounts as LEB128 numbers: total, unexplained, available, the buckets, and of each cache bytes and objects. An amount n
 * is 0 where absent, else 1 + 2·(n / 4096), or 2 + 2·n where it is not a multiple; a count n is 0 where absent, else n + 1.
 */
export function encodeAmounts(sample: Amounts, layout: Layout): Uint8Array {
  const writer = new NumberWriter();
  writer.amount(sample.totalBytes);
  writer.amount(sample.unexplained);
  writer.amount(sample.available);
  for (const name of layout.buckets) writer.amount(sample.buckets.get(name));
  for (const cache of sample.caches) {
    writer.amount(cache.bytes);
    writer.count(cache.objects);
  }
  return writer.finish();
}

/** Undefined where the value is damaged. */
export function decodeAmounts(data: Uint8Array, layout: Layout): Amounts | undefined {
  const reader = new NumberReader(data);
  const totalBytes = reader.amount();
  const unexplained = reader.amount();
  const available = reader.amount();
  const buckets = new Map<string, Bytes>();
  for (const name of layout.buckets) {
    const held = reader.amount();
    if (held !== undefined) buckets.set(name, held);
  }
  const caches: CacheSample[] = [];
  for (const name of layout.caches) {
    const held = reader.amount();
    const objects = reader.count();
    if (held !== undefined) caches.push({ name, bytes: held, ...(objects === undefined ? {} : { objects }) });
  }
  if (!reader.whole || totalBytes === undefined) return undefined;
  return {
    totalBytes,
    buckets,
    ...(unexplained === undefined ? {} : { unexplained }),
    ...(available === undefined ? {} : { available }),
    caches,
  };
}

/** Processes as lines `pid pss name`: few, rare, and readable with any SQLite tool. */
export const encodeProcesses = (processes: readonly ProcessSample[]): string =>
  processes.map(({ pid, pss, name }) => `${pid} ${pss} ${name.replaceAll('\n', ' ')}`).join('\n');

export function decodeProcesses(text: string): readonly ProcessSample[] {
  return text.split('\n').flatMap((line) => {
    const [, pid, pss, name] = /^(\d{1,10}) (\d{1,16}) (.*)$/.exec(line) ?? [];
    if (pid === undefined || name === undefined || !isQuantity(Number(pss))) return [];
    return [{ pid: Number(pid), pss: bytes(Number(pss)), name }];
  });
}

class NumberWriter {
  #bytes = new Uint8Array(4096);
  #length = 0;

  amount(n: Bytes | undefined): void {
    if (n === undefined) this.#write(ABSENT);
    else if (n % PAGE === 0) this.#write(1 + 2 * (n / PAGE));
    else this.#write(2 + 2 * n);
  }

  count(n: number | undefined): void {
    this.#write(n === undefined ? ABSENT : n + 1);
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** By division: the numbers have more than 32 bits. */
  #write(number: number): void {
    if (this.#length + 10 > this.#bytes.length) this.#grow();
    let rest = number;
    while (rest >= 128) {
      this.#bytes[this.#length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#length++] = rest;
  }

  #grow(): void {
    const larger = new Uint8Array(this.#bytes.length * 2);
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

class NumberReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  #torn = false;

  constructor(data: Uint8Array) {
    this.#bytes = data;
  }

  /** True where everything was there, and nothing more. */
  get whole(): boolean {
    return !this.#torn && this.#at === this.#bytes.length;
  }

  amount(): Bytes | undefined {
    const n = this.#read();
    if (n === ABSENT) return undefined;
    const value = n % 2 === 1 ? ((n - 1) / 2) * PAGE : (n - 2) / 2;
    if (isQuantity(value)) return bytes(value);
    this.#torn = true;
    return undefined;
  }

  count(): number | undefined {
    const n = this.#read();
    return n === ABSENT ? undefined : n - 1;
  }

  #read(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 9; i++) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) break;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
    this.#torn = true;
    return ABSENT;
  }
}

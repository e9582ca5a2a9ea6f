/** One sample as a host pushed it. Bytes; `at` is milliseconds since 1970 by the host's clock. */
export interface PushedSample {
  readonly at: number;
  readonly boot: string;
  readonly totalBytes: number;
  readonly unexplained?: number;
  readonly buckets: Readonly<Record<string, number>>;
  readonly caches: readonly { readonly name: string; readonly bytes: number }[];
}

/** Amounts of a sample apart from their names, which most samples of a host share. */
export interface PackedAmounts {
  /** JSON: names of the buckets, names of the caches. */
  readonly names: string;
  /** Numbers in the order of the names, eight bytes each, little-endian. */
  readonly amounts: Uint8Array;
}

/** Names are sorted, so that caches that change places make no new list. */
export function packAmounts({ buckets, caches }: Pick<PushedSample, 'buckets' | 'caches'>): PackedAmounts {
  const [held, slabs] = [
    Object.entries(buckets).toSorted(([a], [b]) => order(a, b)),
    caches.toSorted((a, b) => order(a.name, b.name)),
  ];
  const amounts = new DataView(new ArrayBuffer(8 * (held.length + slabs.length)));
  for (const [i, [, bytes]] of held.entries()) amounts.setFloat64(8 * i, bytes, true);
  for (const [i, { bytes }] of slabs.entries()) amounts.setFloat64(8 * (held.length + i), bytes, true);
  return {
    names: JSON.stringify([held.map(([name]) => name), slabs.map(({ name }) => name)]),
    amounts: new Uint8Array(amounts.buffer),
  };
}

/** Names as they were packed; empty where the value is damaged. */
export interface Names {
  readonly buckets: readonly string[];
  readonly caches: readonly string[];
}

export function readNames(json: string): Names {
  const [buckets, caches] = asList(JSON.parse(json)).map((one) => asList(one).map(String));
  return { buckets: buckets ?? [], caches: caches ?? [] };
}

/** What is damaged is left out: as many amounts as there are. */
export function unpackAmounts(
  { buckets, caches }: Names,
  amounts: Uint8Array,
): Pick<PushedSample, 'buckets' | 'caches'> {
  const view = new DataView(amounts.buffer, amounts.byteOffset, amounts.byteLength);
  const count = Math.floor(amounts.byteLength / 8);
  const from = (first: number) => (name: string, i: number) =>
    first + i < count ? [[name, view.getFloat64(8 * (first + i), true)] as const] : [];
  return {
    buckets: Object.fromEntries(buckets.flatMap(from(0))),
    caches: caches.flatMap(from(buckets.length)).map(([name, bytes]) => ({ name, bytes })),
  };
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Samples of a series, as they stood in the text of an answer. NaN where a value is no finite number. */
export interface LiftedSamples {
  readonly times: Float64Array;
  readonly values: Float64Array;
}

/** What stands before the samples of a series. Inside of a string its quotes would be escaped. */
const BEFORE = '"values":[';
const [COMMA, QUOTE, OPEN, CLOSE, ZERO, NINE] = [44, 34, 91, 93, 48, 57];
/** Digits that a double holds exactly, whatever they are. */
const EXACT = 15;
/** Characters of a number. */
const LONGEST = 40;

/**
 * Takes the samples out of an answer's text and leaves the number of each array in its place, so that what is left is small JSON. An
 * answer is samples for the most part, and JSON.parse makes an array and a string of each: twice the time, and all of it garbage.
 * Samples that look any other than `[1700000000,"12.5"]` stay where they are.
 */
export function liftSamples(text: string): { readonly rest: string; readonly lifted: readonly LiftedSamples[] } {
  const lifted: LiftedSamples[] = [];
  const scan = new SampleScan(text);
  let rest = '';
  let from = 0;
  for (;;) {
    const found = text.indexOf(BEFORE, from);
    if (found < 0) return { rest: rest + text.slice(from), lifted };
    const start = found + BEFORE.length;
    const samples = scan.read(start);
    rest += samples ? text.slice(from, start - 1) + String(lifted.length) : text.slice(from, start);
    if (samples) lifted.push(samples);
    from = samples ? scan.end : start;
  }
}

/** Samples that share memory: an array of its own for each series is more work than reading it. */
const SHARED = 32_768;

/** Reads one array of samples after the other. What it gives are parts of arrays that are larger. */
class SampleScan {
  readonly #text: string;
  #times = new Float64Array(SHARED);
  #values = new Float64Array(SHARED);
  /** Samples of the arrays that were given away. */
  #used = 0;
  /** Behind the array that was read last. */
  end = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** `start`: behind the array's bracket. Undefined where it is no array of samples. */
  read(start: number): LiftedSamples | undefined {
    const text = this.#text;
    let count = this.#used;
    for (let at = start; text.charCodeAt(at) === OPEN; at++) {
      const comma = near(text, at + 1, COMMA);
      const quote = near(text, comma + 2, QUOTE);
      if (text.charCodeAt(comma + 1) !== QUOTE || text.charCodeAt(quote + 1) !== CLOSE) return undefined;
      if (count === this.#times.length) count = this.#grow(count);
      const time = numberAt(text, at + 1, comma);
      if (!Number.isFinite(time)) return undefined;
      const value = numberAt(text, comma + 2, quote);
      this.#times[count] = time;
      this.#values[count++] = Number.isFinite(value) ? value : Number.NaN;
      at = quote + 2;
      if (text.charCodeAt(at) === COMMA) continue;
      if (text.charCodeAt(at) !== CLOSE) return undefined;
      this.end = at + 1;
      const from = this.#used;
      this.#used = count;
      return { times: this.#times.subarray(from, count), values: this.#values.subarray(from, count) };
    }
    return undefined;
  }

  /** Goes on in new arrays, with what was read of this series; tells where. */
  #grow(count: number): number {
    const [times, values, from] = [this.#times, this.#values, this.#used];
    const own = count - from;
    this.#times = new Float64Array(Math.max(SHARED, 2 * own));
    this.#values = new Float64Array(Math.max(SHARED, 2 * own));
    this.#times.set(times.subarray(from, count));
    this.#values.set(values.subarray(from, count));
    this.#used = 0;
    return own;
  }
}

/** Where a character comes next; where it does not come soon, a place at which nothing is as it should be. */
function near(text: string, from: number, wanted: number): number {
  for (let i = from; i < from + LONGEST; i++) if (text.charCodeAt(i) === wanted) return i;
  return text.length;
}

/** The number that stands from `start` to before `end`. NaN where that is none. */
function numberAt(text: string, start: number, end: number): number {
  let value = 0;
  if (end - start > EXACT || end === start) return parsed(text, start, end);
  for (let i = start; i < end; i++) {
    const digit = text.charCodeAt(i);
    if (digit < ZERO || digit > NINE) return parsed(text, start, end);
    value = value * 10 + digit - ZERO;
  }
  return value;
}

/** An empty text is 0 to Number(), and no number here. */
const parsed = (text: string, start: number, end: number): number =>
  end === start ? Number.NaN : Number(text.slice(start, end));

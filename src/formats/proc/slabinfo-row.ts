/** The numbers of one row of release 2.x, in its order; `tunables` and what follows the third of `slabdata` are left out. */
export interface RowFields {
  readonly name: string;
  /** Active objects, all objects, object size, objects per slab, pages per slab. */
  readonly sizes: readonly [number, number, number, number, number];
  /** Active slabs, all slabs, shared available. */
  readonly slabdata: readonly [number, number, number];
}

const TUNABLES = ' : tunables ';
const SLABDATA = ' : slabdata ';
/** More digits than this may not be exact. */
const MOST_DIGITS = 15;
const BLANK = 32;
const ZERO = 48;

/**
 * Reads a row as the kernel itself spells it ("%-17s %6lu %6lu %6u %4u %4d : tunables … : slabdata %6lu %6lu %6lu");
 * undefined for any other, which a regular expression may still be able to read. Series of slabinfo run to gigabytes,
 * and a pattern with eleven groups takes six times as long and leaves a dozen strings behind for every row.
 */
export function readKernelRow(text: string): RowFields | undefined {
  const colon = find(text, TUNABLES, 0);
  const slab = colon < 0 ? -1 : find(text, SLABDATA, colon + 2);
  if (slab < 0 || text.charCodeAt(0) === BLANK) return undefined;
  const sizes: [number, number, number, number, number] = [0, 0, 0, 0, 0];
  let end = colon;
  for (let i = sizes.length - 1; i >= 0; i--) {
    const start = digitsBefore(text, end);
    if (!isNumber(start, end) || text.charCodeAt(start - 1) !== BLANK) return undefined;
    sizes[i] = valueOf(text, start, end);
    end = blanksBefore(text, start);
  }
  const slabdata: [number, number, number] = [0, 0, 0];
  let at = slab + SLABDATA.length;
  for (let i = 0; i < slabdata.length; i++) {
    const start = blanksBehind(text, at);
    at = digitsBehind(text, start);
    if (!isNumber(start, at)) return undefined;
    slabdata[i] = valueOf(text, start, at);
  }
  return end > 0 ? { name: text.slice(0, end), sizes, slabdata } : undefined;
}

/** Where a part that begins with " :" stands. Looking for the colon alone is several times as fast as indexOf(part). */
function find(text: string, part: string, from: number): number {
  for (let colon = text.indexOf(':', from); colon >= 0; colon = text.indexOf(':', colon + 1))
    if (text.startsWith(part, colon - 1)) return colon - 1;
  return -1;
}

const isDigit = (code: number): boolean => code >= ZERO && code <= ZERO + 9;
const isNumber = (start: number, end: number): boolean => end > start && end - start <= MOST_DIGITS;

function digitsBefore(text: string, end: number): number {
  let at = end;
  while (isDigit(text.charCodeAt(at - 1))) at--;
  return at;
}

function blanksBefore(text: string, end: number): number {
  let at = end;
  while (text.charCodeAt(at - 1) === BLANK) at--;
  return at;
}

function digitsBehind(text: string, start: number): number {
  let at = start;
  while (isDigit(text.charCodeAt(at))) at++;
  return at;
}

function blanksBehind(text: string, start: number): number {
  let at = start;
  while (text.charCodeAt(at) === BLANK) at++;
  return at;
}

function valueOf(text: string, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) value = value * 10 + text.charCodeAt(at) - ZERO;
  return value;
}

import { bytes, isQuantity, type Bytes } from '../../base/units.ts';

const STEPS = ['', 'K', 'M', 'G', 'T', 'P'];
const SIZE = /^(\d{1,15})(?:[.,](\d{1,6}))?(?:([kKmMgGtTpP])i?)?[bB]?$/;

/**
 * A size as tools print it: `404664K`, `4.2G`, `3,9Gi`, `512B`. `unit` is meant where no suffix stands; `step` is 1000
 * for tools told to use powers of ten. Undefined for anything else; rounding is the tool's.
 */
export function readSize(text: string | undefined, unit = 1, step = 1024): Bytes | undefined {
  const [whole, digits, fraction = '', suffix] = SIZE.exec(text ?? '') ?? [];
  if (whole === undefined || digits === undefined) return undefined;
  const bare = suffix === undefined && !/[bB]$/.test(whole);
  const scale = bare ? unit : step ** STEPS.indexOf((suffix ?? '').toUpperCase());
  return quantity(Number(`${digits}.${fraction || '0'}`) * scale);
}

/** The number as Bytes, rounded to a whole one; undefined where it is none that Bytes can hold. */
export function quantity(n: number): Bytes | undefined {
  const whole = Math.round(n);
  return isQuantity(whole) ? bytes(whole) : undefined;
}

/** Digits as a count; undefined for anything else, `?` included. */
export function readCount(text: string | undefined): number | undefined {
  const n = /^\d{1,16}$/.test(text ?? '') ? Number(text) : NaN;
  return isQuantity(n) ? n : undefined;
}

/** One sample of an exposition: a name with its labels, and a number. */
export interface ExposedSample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

export interface Exposition {
  readonly samples: readonly ExposedSample[];
  /** Lines that are none: their numbers, the first of them. */
  readonly odd: readonly number[];
}

const NAME = /[a-zA-Z_:][\w:]{0,199}/y;
const LABEL = /\s*([a-zA-Z_]\w{0,99})\s*=\s*"((?:[^"\\\n]|\\.){0,4000})"\s*(,?)/y;
/** A value, and perhaps a time in milliseconds, which is not looked at. */
const REST = /^\s*([-+]?(?:\d[\d.]{0,40}(?:[eE][-+]?\d{1,4})?|\.\d{1,40}|Inf|NaN))(?:\s+-?\d{1,20}(?:\.\d{1,9})?)?\s*$/;
const MOST_SAMPLES = 50_000;
const MOST_LABELS = 64;
const MOST_ODD = 20;

/**
 * The text format of Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats/), and OpenMetrics as far as that is the same.
 * Comments are passed over; a sample that is no number, as NaN and infinity, is left out. Never throws: a line that cannot be read is listed,
 * and the next is read. Samples beyond 50,000 are not read.
 */
export function parseExposition(text: string): Exposition {
  const samples: ExposedSample[] = [];
  const odd: number[] = [];
  for (const [i, line] of text.split('\n').entries()) {
    if (samples.length >= MOST_SAMPLES) break;
    if (line.trim() === '' || line.startsWith('#')) continue;
    const sample = parseLine(line);
    if (!sample) {
      if (odd.length < MOST_ODD) odd.push(i + 1);
    } else if (Number.isFinite(sample.value)) samples.push(sample);
  }
  return { samples, odd };
}

function parseLine(line: string): ExposedSample | undefined {
  NAME.lastIndex = 0;
  const [name] = NAME.exec(line) ?? [];
  if (name === undefined) return undefined;
  const open = line[name.length] === '{';
  const labels = open ? readLabels(line, name.length + 1) : { labels: new Map<string, string>(), end: name.length };
  if (!labels) return undefined;
  const [, value] = REST.exec(line.slice(labels.end)) ?? [];
  return value === undefined ? undefined : { name, labels: labels.labels, value: Number(value) };
}

function readLabels(
  line: string,
  from: number,
): { readonly labels: Map<string, string>; readonly end: number } | undefined {
  const labels = new Map<string, string>();
  let at = from;
  while (labels.size < MOST_LABELS) {
    LABEL.lastIndex = at;
    const [all, name, value, comma] = LABEL.exec(line) ?? [];
    if (all === undefined || name === undefined) break;
    labels.set(name, unescape(value ?? ''));
    at += all.length;
    if (comma === '') break;
  }
  return line[at] === '}' ? { labels, end: at + 1 } : undefined;
}

const unescape = (text: string): string =>
  text.replaceAll(/\\(.)/g, (_, one: string) => (one === 'n' ? '\n' : one === '"' || one === '\\' ? one : `\\${one}`));

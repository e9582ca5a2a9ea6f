/**
 * One line of an input, freed of what terminals, trackers and loggers put around it: colour codes, quote marks,
 * markdown emphasis, syslog and printk prefixes. `number` is its place in the input, from 1.
 */
export interface TextLine {
  readonly text: string;
  readonly number: number;
  /** True where a kernel log prefix was taken off: syslog's `kernel:` or printk's `[  123.456789]`. */
  readonly logged?: true;
  /** Seconds since boot, from printk's `[  123.456789]`. */
  readonly uptime?: number;
}

// eslint-disable-next-line no-control-regex -- colour codes begin with the escape character
const ESCAPES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;
const QUOTE = /^(?:\s*> ?)+/;
const FENCE = /^\s*(?:```|~~~)/;
/** `[  12.345678]`, with caller (`[T123]`, `[C0]`), with processor (`[  12.345678@0]`). */
const PRINTK = /^\s*(?:<\d+>)?\[\s*(\d+\.\d{3,6})(?:[@,]\d+)?\](?:\[\s*[TC]\d+\])? ?/;
/** dmesg's other ways to write the time: -T `[Sun Jul 27 09:17:38 2025]`, in the user's language, -H and -d `[Jul27 09:17]`, `[  +0.000012]`. */
const CLOCK =
  /^\s*\[(?:[^[\]\d]{1,9}[^[\]]{1,14} \d\d:\d\d:\d\d \d{4}|\w{3}[ \d]\d \d\d:\d\d|\s*\+\d+\.\d{6}|\s*<\s*\d+\.\d{6}>)\] ?/;
/** dmesg -x: `kern  :warn  : `. */
const DECODED = /^(?:kern|user|daemon|syslog)\s{0,4}:(?:emerg|alert|crit|err|warn|notice|info|debug)\s{0,4}: (?=\[)/;
/** /dev/kmsg and netconsole: `6,339,5140900,-;text`. */
const KMSG = /^\d{1,3},\d+,(\d{1,15}),[-c+](?:,[^;]{0,80})?;/;
/** dmesg --time-format iso: `2025-07-27T09:17:38,123456+02:00 text`. */
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d,\d{6}[+-]\d\d:?\d\d (?!\S+ \S+\[\d+\]:)/;
/** Syslog, journalctl and logread: whatever stands before a `kernel:` tag, and BusyBox's facility. */
const SYSLOG =
  /^(?:(?:\w{3} +\d+ [\d:]{8}(?:[.,]\d{1,9})?|\w{3} \w{3} +\d+ [\d:]{8}(?: \w+)? \d{4}|\d{4}-\d\d-\d\d[T ][\d:.,]+(?:Z|[+-]\d\d:?\d\d)?)\s+(?:\S+\s+)?(?:kern\.\w+\s+)?(?:\S+@)?kernel(?:\[\d+\])?:\s?|(?:\S{1,64} )?kernel: (?=\[))/;

/** Splits a text into clean lines; `first` is the number of its first line in the input. */
export function cleanLines(text: string, first = 1): TextLine[] {
  return text.split('\n').map((raw, index) => cleanLine(raw, first + index));
}

/** Cleans one line. Lines that need nothing, by far the most, take the short way. */
export function cleanLine(raw: string, number: number): TextLine {
  let text = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
  if (text.includes('\u0000')) text = text.replaceAll('\u0000', '');
  if (text.includes('\u001b')) text = text.replace(ESCAPES, '');
  if (text.includes('>')) text = text.replace(QUOTE, '');
  if (FENCE.test(text)) return { text: '', number };
  if (text.includes('**')) text = text.replaceAll('**', '');
  if (text.startsWith('\u00a0') || text.includes('\u00a0')) text = text.replaceAll('\u00a0', ' ');
  return text.includes('[') || text.includes('kernel') || isDigit(text.charCodeAt(0))
    ? unlog(text, number)
    : { text, number };
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

function unlog(text: string, number: number): TextLine {
  const kmsg = KMSG.exec(text);
  if (kmsg) return { text: text.slice(kmsg[0].length), number, logged: true, uptime: Number(kmsg[1]) / 1e6 };
  const inner = text.replace(SYSLOG, '').replace(DECODED, '');
  const printk = PRINTK.exec(inner);
  if (printk) return { text: inner.slice(printk[0].length), number, logged: true, uptime: Number(printk[1]) };
  const rest = inner.replace(CLOCK, '').replace(ISO, '');
  return rest.length < text.length ? { text: rest, number, logged: true } : { text, number };
}

/** A shell or crash prompt with a command: `$ cat /proc/meminfo`, `root@pi4:~# free`, `crash> kmem -i`. Gives the command. */
export function promptedCommand(text: string): string | undefined {
  return /^\s*(?:[\w.@~:/ -]{0,60}[$#]|crash(?:-arm64)?>|drgn>|>>>) +(\S.*)$/.exec(text)?.[1];
}

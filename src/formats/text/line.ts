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
const PRINTK = /^\s*(?:<\d+>)?\[\s*(\d+\.\d{3,6})\](?:\[\s*[TC]\d+\])? ?/;
/** Syslog, journalctl and logread: whatever stands before a `kernel:` tag, and BusyBox's facility. */
const SYSLOG =
  /^(?:\w{3} +\d+ [\d:]{8}|\w{3} \w{3} +\d+ [\d:]{8}(?: \w+)? \d{4}|\d{4}-\d\d-\d\d[T ][\d:.,]+(?:Z|[+-]\d\d:?\d\d)?)\s+(?:\S+\s+)?(?:kern\.\w+\s+)?(?:\S+@)?kernel(?:\[\d+\])?:\s?/;

/** Splits a text into clean lines; `first` is the number of its first line in the input. */
export function cleanLines(text: string, first = 1): TextLine[] {
  return text.split('\n').map((raw, index) => cleanLine(raw, first + index));
}

/** Cleans one line. Lines that need nothing, by far the most, take the short way. */
export function cleanLine(raw: string, number: number): TextLine {
  let text = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
  if (text.includes('\u001b')) text = text.replace(ESCAPES, '');
  if (text.includes('>')) text = text.replace(QUOTE, '');
  if (FENCE.test(text)) return { text: '', number };
  if (text.includes('**')) text = text.replaceAll('**', '');
  if (text.startsWith('\u00a0') || text.includes('\u00a0')) text = text.replaceAll('\u00a0', ' ');
  return text.includes('[') || text.includes('kernel') ? unlog(text, number) : { text, number };
}

function unlog(text: string, number: number): TextLine {
  const inner = text.replace(SYSLOG, '');
  const printk = PRINTK.exec(inner);
  if (printk) return { text: inner.slice(printk[0].length), number, logged: true, uptime: Number(printk[1]) };
  return inner.length < text.length ? { text: inner, number, logged: true } : { text, number };
}

/** A shell or crash prompt with a command: `$ cat /proc/meminfo`, `root@pi4:~# free`, `crash> kmem -i`. Gives the command. */
export function promptedCommand(text: string): string | undefined {
  return /^\s*(?:[\w.@~:/ -]{0,60}[$#]|crash(?:-arm64)?>|drgn>|>>>) +(\S.*)$/.exec(text)?.[1];
}

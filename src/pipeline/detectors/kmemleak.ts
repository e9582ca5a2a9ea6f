import { setTimeout as sleep } from 'node:timers/promises';
import { measureCallSite } from '../../analysis/call-site.ts';
import type { DetectorReport, KmemleakDump } from '../../findings/detectors.ts';
import { parseKmemleakObject, type KmemleakObject } from '../../formats/detectors/kmemleak-object.ts';
import { cleanLines } from '../../formats/text/line.ts';
import type { Frame } from '../../model/snapshot.ts';
import { InputError } from '../../sources/input-error.ts';
import type { KernelDetectors } from '../../sources/live/kernel-detectors.ts';
import { mustOpen } from './detector-host.ts';
import { KMEMLEAK } from './kmemleak-status.ts';
import { reportOf } from './report-of.ts';

export interface ScanOptions {
  /** Seconds between the two scans. */
  readonly pause: number;
  /** False: what lies on the stacks of tasks does not count as a reference while this scans. */
  readonly stacks: boolean;
  /** Seconds between the scans that the kernel makes by itself, while this scans; 0: none. */
  readonly interval?: number;
  readonly progress?: (text: string) => void;
  /** Ends the scan early; options are set back. */
  readonly stop?: AbortSignal;
}

/** mm/kmemleak.c: SECS_SCAN_WAIT. */
const DEFAULT_INTERVAL = 600;
const MOST_BYTES = 256 * 2 ** 20;
const MOST_SECONDS = 120;
const OBJECT = /^unreferenced object(?: \(\w+\))? (0x[0-9a-f]+)/gm;

/** What kmemleak lists now, without a new scan. */
export async function kmemleakReport(detectors: KernelDetectors): Promise<DetectorReport> {
  await mustOpen(detectors, KMEMLEAK, 'kmemleak');
  return report(detectors, [], [], false);
}

/**
 * Scans twice, so that a pointer that was on its way during the first scan is seen in the second; an object is listed when
 * nothing referred to it in either and it was older than five seconds. Writes to kmemleak's file what the options ask for, and
 * sets that back.
 */
export async function kmemleakScan(detectors: KernelDetectors, options: ScanOptions): Promise<DetectorReport> {
  await mustOpen(detectors, KMEMLEAK, 'kmemleak');
  const scanner = new Scanner(detectors, options);
  try {
    await scanner.prepare();
    const first = await scanner.scan('first');
    await scanner.wait();
    const second = await scanner.scan('second');
    await scanner.restore();
    const mended = [...first].filter((address) => !second.has(address)).length;
    const limits = mended === 0 ? [] : [`${mended} objects of the first scan were referred to again, and do not count`];
    return await report(detectors, scanner.changed, limits, true);
  } finally {
    await scanner.restore();
  }
}

/** Has what is listed now forgotten: it is not listed again. */
export async function kmemleakClear(detectors: KernelDetectors): Promise<readonly string[]> {
  await mustOpen(detectors, KMEMLEAK, 'kmemleak');
  await mustWrite(detectors, 'clear');
  return [`wrote clear to ${KMEMLEAK}: what was listed is taken for referred to from now on`];
}

/** Has the kernel log what kmemleak knows of one object, and reads it there. */
export async function kmemleakDump(detectors: KernelDetectors, address: string): Promise<KmemleakDump> {
  const hex = /^(?:0x)?([0-9a-f]{4,16})$/i.exec(address)?.[1]?.toLowerCase();
  if (hex === undefined)
    throw new InputError(address, 'is no address', 'give it as the report has it: 0xffff888104c3a000');
  await mustOpen(detectors, KMEMLEAK, 'kmemleak');
  const error = await detectors.write(KMEMLEAK, `dump=0x${hex}`);
  if (error === 'EINVAL')
    throw new InputError(`0x${hex}`, 'kmemleak knows no object there', 'kleak kmemleak report lists some');
  if (error !== undefined) throw refused(error, 'dump');
  const object = parseKmemleakObject(cleanLines(await detectors.log()), `0x${hex}`);
  if (!object) throw new InputError('/dev/kmsg', 'the kernel’s answer is not in its log', 'read the log with dmesg');
  return describeObject(object);
}

class Scanner {
  readonly changed: string[] = [];
  readonly #detectors: KernelDetectors;
  readonly #options: ScanOptions;
  readonly #undo: (readonly [command: string, words: string])[] = [];

  constructor(detectors: KernelDetectors, options: ScanOptions) {
    this.#detectors = detectors;
    this.#options = options;
  }

  async prepare(): Promise<void> {
    const { stacks, interval } = this.#options;
    if (!stacks) {
      await this.#write('stack=off', 'stacks of tasks are not searched');
      this.#undo.push(['stack=on', 'the kernel’s default']);
    }
    if (interval !== undefined) {
      await this.#write(interval === 0 ? 'scan=off' : `scan=${interval}`, 'scans by itself');
      this.#undo.push([`scan=${DEFAULT_INTERVAL}`, 'the kernel’s default; what it was before is not told']);
    }
  }

  /** Gives the addresses that are listed afterwards. */
  async scan(which: string): Promise<ReadonlySet<string>> {
    this.#options.stop?.throwIfAborted();
    this.#options.progress?.(`kmemleak: ${which} of two scans`);
    const start = performance.now();
    await mustWrite(this.#detectors, 'scan', this.#options.stop);
    this.changed.push(`wrote scan to ${KMEMLEAK}, ${((performance.now() - start) / 1000).toFixed(1)} s`);
    const listed = await this.#detectors.read(KMEMLEAK, MOST_BYTES);
    return new Set('text' in listed ? [...listed.text.matchAll(OBJECT)].map(([, address = '']) => address) : []);
  }

  async wait(): Promise<void> {
    const { pause, progress, stop } = this.#options;
    progress?.(`kmemleak: ${pause} s until the second scan`);
    await sleep(pause * 1000, undefined, stop ? { signal: stop } : {});
  }

  async restore(): Promise<void> {
    for (const [command, words] of this.#undo.splice(0)) await this.#write(command, words);
  }

  async #write(command: string, words: string): Promise<void> {
    await mustWrite(this.#detectors, command);
    this.changed.push(`wrote ${command} to ${KMEMLEAK}: ${words}`);
  }
}

async function mustWrite(detectors: KernelDetectors, command: string, stop?: AbortSignal): Promise<void> {
  const error = await detectors.write(KMEMLEAK, command, stop);
  if (error !== undefined) throw refused(error, command);
}

function refused(error: string, command: string): InputError {
  const root = process.getuid?.() === 0;
  if (error === 'EACCES')
    return new InputError(KMEMLEAK, 'permission denied', root ? 'the kernel may be locked down' : 'run as root');
  if (error === 'EPERM' || error === 'EBUSY')
    return new InputError(
      KMEMLEAK,
      `kmemleak is off and refused ${command} (${error})`,
      'kleak kmemleak status says why',
    );
  return new InputError(KMEMLEAK, `the kernel refused ${command}: ${error}`, 'kleak kmemleak status says more');
}

async function report(
  detectors: KernelDetectors,
  changed: readonly string[],
  limits: readonly string[],
  scanned: boolean,
): Promise<DetectorReport> {
  const unread: { what: string; why: string }[] = [];
  const files = [KMEMLEAK, '/proc/version', '/proc/modules'].map((path) =>
    detectors.file(path, MOST_BYTES, MOST_SECONDS, (why) => unread.push({ what: path, why })),
  );
  const listed = 'kmemleak lists nothing';
  return reportOf({
    detector: 'kmemleak',
    files,
    nothing: scanned
      ? `${listed}: in two scans something referred to every object of slab and vmalloc. Pages taken straight from the page allocator, and memory that a list still holds, are not among what it sees.`
      : `${listed}: its last scan found nothing, or there was none yet; kleak kmemleak scan makes two.`,
    thorough: scanned,
    changed,
    limits,
    unread,
  });
}

function describeObject(object: KmemleakObject): KmemleakDump {
  const { address, size, minCount, count, comm, pid, flags, stack } = object;
  const site = measureCallSite(stack);
  return {
    schema: 'kleak.kmemleak-object/1',
    address: address.slice(2).padStart(16, '0'),
    sizeBytes: size,
    state: stateOf(minCount, count),
    ...(comm === undefined ? {} : { process: comm }),
    ...(pid === undefined ? {} : { pid }),
    ...(count === undefined ? {} : { references: count }),
    ...(minCount === undefined || minCount < 0 ? {} : { needed: minCount }),
    flags,
    function: site.function,
    ...(site.module === undefined ? {} : { module: site.module }),
    callers: site.callers,
    stack: stack.map(spellFrame),
    changed: [`wrote dump=${address} to ${KMEMLEAK}: the kernel logged the object`],
  };
}

/** mm/kmemleak.c: white, grey and black objects. */
function stateOf(minCount: number | undefined, count: number | undefined): KmemleakDump['state'] {
  if (minCount === undefined || count === undefined) return 'unknown';
  return minCount < 0 ? 'ignored' : count < minCount ? 'unreferenced' : 'referenced';
}

const spellFrame = ({ symbol, module, address }: Frame): string =>
  `${symbol === '' ? (address ?? '?') : symbol}${module === undefined ? '' : ` [${module}]`}`;

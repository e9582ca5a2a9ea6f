import { bytes, isQuantity } from '../../base/units.ts';
import { FAILURE_OPENER, type Incident } from './incident.ts';
import type { KernelEvent } from './kernel-event.ts';
import { eventAt } from './log-line.ts';
import { firstStack } from './log-stack.ts';
import { readMemInfo } from './mem-info.ts';
import { releaseOf } from './release-line.ts';
import { stated } from './stated.ts';

type AllocationFailure = Extract<KernelEvent, { kind: 'allocation-failure' }>;

const PROCESS = /^\s*(\S.{0,63}?): (?:page allocation|vmalloc)/;
const ORDER = /\border:(\d{1,2})\b/;
const MODE = /\bmode:0x[0-9a-f]+(?:\(([A-Z0-9_|]{1,400})\))?/;
/** The kernel's words changed in 3.x, 5.13 and later; the number asked for is in all of them. */
const SIZE =
  /allocation failure: (\d{1,20}) bytes|allocated \d+ of (\d{1,20}) bytes|vmalloc size (\d{1,20}) allocation|vmalloc error: size (\d{1,20})|vmap allocation for size (\d{1,20})/;

/**
 * The event of an incident that is a failed allocation. Written by mm/page_alloc.c warn_alloc() (before 4.9
 * warn_alloc_failed()) and mm/vmalloc.c; the latter prints `vmalloc: allocation failure: N bytes`, `vmalloc size N
 * allocation failure:` or `vmalloc error: size N`.
 */
export function readAllocationFailure(incident: Incident, file: string): AllocationFailure | undefined {
  const [first] = incident.lines;
  if (!first || incident.opener !== 'failure') return undefined;
  const vmalloc = /vmalloc|vmap allocation/.test(FAILURE_OPENER.exec(first.text)?.[0] ?? '');
  const process = PROCESS.exec(first.text)?.[1];
  const order = ORDER.exec(first.text)?.[1];
  const mode = MODE.exec(first.text)?.[1];
  const size = Number(
    SIZE.exec(first.text)
      ?.slice(1)
      .find((digits) => digits !== undefined),
  );
  const { report } = readMemInfo(incident.lines, file);
  const release = incident.lines.map(({ text }) => releaseOf(text)).find((found) => found !== undefined);
  return stated({
    kind: 'allocation-failure' as const,
    ...eventAt(file, first),
    vmalloc,
    process,
    order: order === undefined ? undefined : Number(order),
    mode,
    requested: isQuantity(size) ? bytes(size) : undefined,
    release,
    stack: firstStack(incident.lines),
    report,
  });
}

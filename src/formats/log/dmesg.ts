import type { Parsed } from '../../base/errors.ts';
import type { TextLine } from '../text/line.ts';
import type { TextFormat } from '../text/text-format.ts';
import { readAllocationFailure } from './allocation-failure.ts';
import { claimLog } from './claim-log.ts';
import { readComplaints } from './complaints.ts';
import { findIncidents, type Incident } from './incident.ts';
import type { KernelEvent, KernelLog } from './kernel-event.ts';
import { readKmemleakLine } from './kmemleak-lines.ts';
import { eventAt, unfold } from './log-line.ts';
import { readMemInfo } from './mem-info.ts';
import { readModuleLine } from './module-lines.ts';
import { readObjectsRemaining } from './objects-remaining.ts';
import { readOutOfMemory } from './oom.ts';
import { readCannotAllocate } from './slub.ts';

/**
 * A stretch of the kernel's log, with printk's or syslog's prefixes or, for the reports that are known, without.
 *
 * What each reader below covers, and who writes it, stands there; docs/formats/dmesg.md has the overview.
 */
export const dmesg: TextFormat<'dmesg', KernelLog> = {
  kind: 'dmesg',
  looksFor:
    'lines with "[  123.456789] " or "kernel: " before them, or "Mem-Info:", "invoked oom-killer:", "SLUB: Unable to allocate memory"',
  many: true,

  claim: claimLog,

  parse(lines, file): Parsed<KernelLog> {
    const whole = unfold(lines);
    const events = [
      ...findIncidents(whole).flatMap((incident) => readIncident(incident, file) ?? []),
      ...readCannotAllocate(whole, file),
      ...readObjectsRemaining(whole, file),
      ...readComplaints(whole, file),
      ...whole.flatMap((line) => readKmemleakLine(line, file) ?? readModuleLine(line, file) ?? []),
    ];
    return { value: { events: events.toSorted((a, b) => lineOf(a) - lineOf(b)), lines: lines.length }, problems: [] };
  },
};

function readIncident(incident: Incident, file: string): KernelEvent | undefined {
  return incident.opener === 'show'
    ? readShown(incident.lines, file)
    : (readOutOfMemory(incident, file) ?? readAllocationFailure(incident, file));
}

function readShown(lines: readonly TextLine[], file: string): KernelEvent | undefined {
  const [first] = lines;
  const { report } = readMemInfo(lines, file);
  return first && report ? { kind: 'memory-report', ...eventAt(file, first), report } : undefined;
}

const lineOf = ({ at }: KernelEvent): number => (at.kind === 'line' ? at.line : 0);

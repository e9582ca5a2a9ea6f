import { spellBytes, spellCount, spellDuration, spellShare } from '../base/spelling.ts';
import type { TraceDocument, TraceOverhead, TraceSite } from '../findings/trace.ts';
import { renderTable } from './core/table.ts';
import { wrapText } from './core/wrap-text.ts';
import { escapeTerminal } from './escape.ts';
import { VERDICT_WORDS } from './words.ts';

const MOST_SITES = 20;
const MOST_FRAMES = 12;

/** The text of `kleak trace`. */
export function renderTrace(document: TraceDocument): string {
  const { events, sites, limits, changed, overhead, fallback } = document;
  return [
    wrapText(escapeTerminal(`${VERDICT_WORDS[document.verdict]}  ${document.summary}`), ''),
    fallback ? wrapText(escapeTerminal(`not traced: ${fallback.because}; ${fallback.remedy}`), '  ') : '',
    events ? `\n${renderCounts(document)}` : '',
    sites.length > 0 ? `\n${renderSites(sites)}` : '',
    ...sites.slice(0, 3).map(renderStack),
    limits.length > 0 ? `\n${limits.map((l) => wrapText(escapeTerminal(`limit: ${l}`), '  ')).join('')}` : '',
    overhead ? `\n${renderOverhead(overhead, document.seconds)}` : '',
    changed.map((c) => wrapText(escapeTerminal(`changed: ${c}`), '  ')).join(''),
  ].join('');
}

function renderCounts({ events, cache, aliases, objectBytes, cacheObjects, seconds }: TraceDocument): string {
  if (!events) return '';
  const also = aliases.length > 0 ? ` (also ${aliases.slice(0, 4).join(', ')})` : '';
  const size = objectBytes === undefined ? '' : `, objects of ${spellBytes(objectBytes)}`;
  const table =
    cacheObjects === undefined
      ? ''
      : `; /proc/slabinfo: ${spellCount(cacheObjects.before)} → ${spellCount(cacheObjects.after)} objects`;
  return wrapText(
    escapeTerminal(
      `${cache}${also}${size}, ${spellDuration(seconds)}: ${spellCount(events.allocations)} allocated, ${spellCount(events.outstandingObjects)} of them not freed (${spellBytes(events.outstandingBytes)}); ${spellCount(events.freedBefore)} frees of older ones or of other caches${table}`,
    ),
    '  ',
  );
}

function renderSites(sites: readonly TraceSite[]): string {
  const rows = sites.slice(0, MOST_SITES).map((s) => [
    spellBytes(s.bytes),
    spellCount(s.objects),
    spellCount(s.heldFromFirstHalf),
    spellCount(s.allocated),
    s.meanLifeSeconds === undefined ? '' : spellDuration(s.meanLifeSeconds),
    `${s.function}${s.module === undefined ? '' : ` [${s.module}]`}`,
    s.callSite,
    s.processes
      .slice(0, 3)
      .map((p) => p.process)
      .join(', '),
  ]);
  const table = renderTable(
    [
      { head: 'not freed', right: true },
      { head: 'objects', right: true },
      { head: 'of 1st half', right: true },
      { head: 'allocated', right: true },
      { head: 'others lived', right: true },
      { head: 'function' },
      { head: 'call site' },
      { head: 'process' },
    ],
    rows,
  );
  const more = sites.length > MOST_SITES ? `  … and ${sites.length - MOST_SITES} more places, see --json\n` : '';
  return table.replaceAll(/^/gm, '  ').replace(/ {2}$/, '') + more;
}

function renderStack({ stack, function: name, objects }: TraceSite): string {
  if (!stack || objects === 0) return '';
  const frames = stack.slice(0, MOST_FRAMES).map((frame) => `    ${escapeTerminal(frame)}\n`);
  return `\n  ${escapeTerminal(name)}, the stack that holds most\n${frames.join('')}`;
}

function renderOverhead(overhead: TraceOverhead, seconds: number): string {
  const { nanosecondsPerEvent, hostEventsPerSecond, cpuShare } = overhead;
  const each =
    nanosecondsPerEvent === undefined
      ? 'what one costs could not be measured'
      : `each costs about ${spellCount(nanosecondsPerEvent)} ns`;
  const host =
    hostEventsPerSecond === undefined ? '' : ` of ${spellCount(hostEventsPerSecond)} that this host makes a second`;
  const share = cpuShare === undefined ? '' : `; together about ${spellShare(cpuShare)} of one CPU`;
  return wrapText(
    `cost, measured on this host: ${spellCount(overhead.eventsPerSecond)} events a second were recorded${host}, ${each}; reading took ${spellShare(overhead.readerCpuSeconds / seconds)} of one CPU${share}; ${spellBytes(overhead.bufferBytes)} of buffers`,
    '  ',
  );
}

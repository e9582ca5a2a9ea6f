import { describe } from '../base/provenance.ts';
import { spellBytes, spellCount } from '../base/spelling.ts';
import type { DetectorReport, DetectorSite, DetectorStatus, KmemleakDump } from '../findings/detectors.ts';
import { renderPairs, renderTable } from './core/table.ts';
import { wrapText } from './core/wrap-text.ts';
import { escapeTerminal } from './escape.ts';
import { renderText, type TextOptions } from './text.ts';
import { riskWords } from './words.ts';

const MOST_SITES = 20;
const MOST_CACHES = 40;

/** The text of `kleak kmemleak status` and its like. */
export function renderDetectorStatus(status: DetectorStatus): string {
  const caches = status.caches ?? [];
  const more = caches.length > MOST_CACHES ? ` and ${caches.length - MOST_CACHES} more` : '';
  return [
    wrapText(escapeTerminal(`${status.state.toUpperCase()}  ${status.summary}`), ''),
    ...status.evidence.map(({ text, source }) => wrapText(escapeTerminal(`why   ${text} [${describe(source)}]`), '  ')),
    caches.length > 0
      ? wrapText(escapeTerminal(`caches  ${caches.slice(0, MOST_CACHES).join(', ')}${more}`), '  ')
      : '',
    ...status.next.map(
      ({ command, why, risk }) =>
        `  next  ${escapeTerminal(command)}\n${wrapText(escapeTerminal(`${why} (${riskWords({ command, why, risk })})`), '          ')}`,
    ),
  ].join('');
}

/** The text of `kleak kmemleak report` and its like: the diagnosis, then every place. */
export function renderDetectorReport(report: DetectorReport, options: TextOptions): string {
  const { sites, freedBy = [], limits, changed } = report;
  return [
    renderText(report, options),
    sites.length > 0 ? `\n${renderSites(`${report.detector}: who allocated`, sites)}` : '',
    freedBy.length > 0 ? `\n${renderSites('who freed most of the others before', freedBy)}` : '',
    ...limits.map((limit) => wrapText(escapeTerminal(`limit: ${limit}`), '  ')),
    ...changed.map((change) => wrapText(escapeTerminal(`changed: ${change}`), '  ')),
  ].join('');
}

function renderSites(title: string, sites: readonly DetectorSite[]): string {
  const rows = sites
    .slice(0, MOST_SITES)
    .map((s) => [
      spellCount(s.count),
      s.bytes === undefined ? '' : spellBytes(s.bytes),
      s.cache ?? (s.objectBytes === undefined ? '' : `of ${spellBytes(s.objectBytes)}`),
      `${s.function}${s.module === undefined ? '' : ` [${s.module}]`}${s.subsystem === undefined ? '' : ` (${s.subsystem})`}`,
      s.callers.slice(0, 2).join(' ← '),
      s.processes.slice(0, 2).join(', '),
    ]);
  const table = renderTable(
    [
      { head: 'count', right: true },
      { head: 'bytes', right: true },
      { head: 'each' },
      { head: 'function' },
      { head: 'called from' },
      { head: 'process' },
    ],
    rows,
  );
  const more = sites.length > MOST_SITES ? `  … and ${sites.length - MOST_SITES} more places, see --json\n` : '';
  return `  ${title}\n${table.replaceAll(/^(?=.)/gm, '  ')}${more}`;
}

/** The text of `kleak kmemleak dump`. */
export function renderKmemleakDump(dump: KmemleakDump): string {
  const { address, sizeBytes, state, process, pid, references, needed, flags, callers, stack } = dump;
  const module = dump.module === undefined ? '' : ` [${dump.module}]`;
  const from = callers.length > 0 ? `, called from ${callers.join(' ← ')}` : '';
  return [
    renderPairs([
      ['object', `${address}, ${spellBytes(sizeBytes)}`],
      [
        'state',
        `${state}${references === undefined ? '' : `: ${references} references found${needed === undefined ? '' : `, ${needed} needed`}`}`,
      ],
      ['allocated', `by ${dump.function}${module}${from}`],
      ['for', process === undefined ? undefined : `${process}${pid === undefined ? '' : `, pid ${pid}`}`],
      ['flags', flags.length > 0 ? flags.join(', ') : undefined],
    ]),
    ...stack.map((frame) => `  ${escapeTerminal(frame)}\n`),
    ...dump.changed.map((change) => wrapText(escapeTerminal(`changed: ${change}`), '')),
  ].join('');
}

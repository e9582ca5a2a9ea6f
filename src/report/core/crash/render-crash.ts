import type { ShellBlock, ShellBlocks } from '../../../findings/core/shell-block.ts';
import { escapeTerminal } from '../../escape.ts';
import { renderBacktrace } from './backtrace-text.ts';
import { renderCaches, renderPages, renderSlab } from './heap-text.ts';
import { renderEnum, renderLayoutOf, renderMembersOf, renderStructOf } from './layout-text.ts';
import { renderAreas, renderCounters, renderModules, renderMounts, renderSystem } from './machine-text.ts';
import { renderHits, renderMemory, renderMemoryText, renderNumber, renderSymbols } from './memory-text.ts';
import { renderFiles, renderTask, renderTaskName, renderTasks } from './tasks-text.ts';
import { renderUsage } from './usage-text.ts';
import { renderFreeAreas, renderNodes, renderZones } from './zones-text.ts';

type Renderers = { readonly [K in keyof ShellBlocks]: (block: ShellBlock<K>) => Iterable<string> };

const RENDERERS: Renderers = {
  text: ({ lines }) => lines.map((line) => `${escapeTerminal(line)}\n`),
  pairs: ({ pairs }) => renderPairs(pairs),
  problems: ({ problems }) => problems.map((problem) => `(${escapeTerminal(problem)})\n`),
  blank: () => ['\n'],
  caches: ({ caches }) => renderCaches(caches),
  slab: ({ slab }) => renderSlab(slab),
  pages: ({ pages }) => renderPages(pages),
  symbols: ({ symbols }) => renderSymbols(symbols),
  memory: ({ rows, numbers }) => renderMemory(rows, numbers),
  'memory-text': ({ address, text }) => renderMemoryText(address, text),
  hits: ({ hits }) => renderHits(hits),
  struct: ({ struct, hex }) => renderStructOf(struct, hex),
  members: ({ struct, hex }) => renderMembersOf(struct, hex),
  layout: ({ layout, offsets, isWhole, address }) => renderLayoutOf(layout, offsets, isWhole, address),
  enum: ({ name, values }) => renderEnum(name, values),
  number: ({ value, bits }) => renderNumber(value, bits),
  address: ({ address }) => [`${address}\n`],
  tasks: ({ tasks }) => renderTasks(tasks),
  'task-name': ({ task, level = 0 }) => [renderTaskName(task, level)],
  task: ({ task }) => renderTask(task),
  backtrace: ({ backtrace }) => renderBacktrace(backtrace),
  files: ({ files }) => renderFiles(files),
  mounts: ({ mounts }) => renderMounts(mounts),
  modules: ({ modules }) => renderModules(modules),
  log: ({ lines }) => renderLines(lines),
  system: ({ system }) => renderSystem(system),
  'memory-usage': ({ usage }) => renderUsage(usage),
  areas: ({ areas }) => renderAreas(areas),
  zones: ({ zones }) => renderZones(zones),
  nodes: ({ nodes }) => renderNodes(nodes),
  'free-areas': ({ zone, areas }) => renderFreeAreas(zone, areas),
  counters: ({ counters }) => renderCounters(counters),
};

/**
 * What a block of the shell looks like, in the columns that crash users know: pieces of text of whole lines each, made while
 * they are taken. All that comes from a kernel is escaped.
 */
export const renderCrash = <K extends keyof ShellBlocks>(block: ShellBlock<K>): Iterable<string> =>
  RENDERERS[block.kind](block);

function renderPairs(pairs: readonly (readonly [string, string])[]): readonly string[] {
  const widest = Math.max(0, ...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `${escapeTerminal(name.padEnd(widest))}  ${escapeTerminal(value)}\n`);
}

function* renderLines(lines: Iterable<string>): Generator<string> {
  for (const line of lines) yield `${escapeTerminal(line)}\n`;
}

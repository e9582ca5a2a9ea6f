import { spellBytes, spellCount, spellThings } from '../../base/spelling.ts';
import type { CoreDentries, CoreRefcounts, CoreSockets } from '../../findings/core/core-holders.ts';
import { escapeTerminal } from '../escape.ts';
import { renderTable } from './table.ts';

const MOST_ROWS = 40;

export function renderDentries({ dentries, negative, unused, bytes, directories }: CoreDentries): string {
  const head = `${spellThings(dentries, 'dentry').replace('dentrys', 'dentries')}, ${spellBytes(bytes)}: ${spellCount(negative)} negative, ${spellCount(unused)} unused\n\n`;
  const columns = [
    { head: 'dentries', right: true },
    { head: 'negative', right: true },
    { head: 'unused', right: true },
    { head: 'memory', right: true },
    { head: 'file system' },
    { head: 'directory' },
    { head: 'names' },
  ];
  const rows = directories
    .slice(0, MOST_ROWS)
    .map((d) => [
      `${d.dentries}`,
      `${d.negative}`,
      `${d.unused}`,
      spellBytes(d.bytes),
      d.fileSystem,
      d.path,
      d.names.filter((n) => n !== '').join(' '),
    ]);
  return `${head}${renderTable(columns, rows)}`;
}

export function renderSockets({ sockets, unowned, bytes, groups }: CoreSockets): string {
  const head = `${spellThings(sockets, 'socket')}, ${spellBytes(bytes)}; ${spellCount(unowned)} that no process has open\n\n`;
  const columns = [
    { head: 'sockets', right: true },
    { head: 'protocol' },
    { head: 'state' },
    { head: 'open in' },
    { head: 'one of them' },
  ];
  const rows = groups
    .slice(0, MOST_ROWS)
    .map((g) => [
      `${g.sockets}`,
      g.protocol,
      g.state,
      g.owner ? `${g.owner.pid} ${g.owner.comm}` : 'none',
      g.samples[0] ?? '',
    ]);
  return `${head}${renderTable(columns, rows)}`;
}

export function renderRefcounts({ types, mounts, missingBytes }: CoreRefcounts): string {
  const columns = [
    { head: 'objects', right: true },
    { head: 'recorded', right: true },
    { head: 'found', right: true },
    { head: 'unreachable', right: true },
    { head: 'file system' },
    { head: 'one of them' },
  ];
  const parts = types.map(({ type, objects, unseen, disagreeing, bytes, groups }) => {
    const head = `${type}: ${spellCount(disagreeing)} of ${spellCount(objects)} have a count above what refers to them, ${spellBytes(bytes)}${unseen ? `; ${spellCount(unseen)} more are linked with memory that is not in the dump` : ''}`;
    const rows = groups
      .slice(0, 12)
      .map((g) => [
        `${g.objects}`,
        `${g.recorded}`,
        `${g.found}`,
        `${g.unreachable}`,
        g.fileSystem ?? '',
        g.samples[0] ?? '',
      ]);
    return `${escapeTerminal(head)}\n${groups.length === 0 ? '' : renderTable(columns, rows)}\n`;
  });
  const excess = mounts
    .filter((m) => m.excess > 1)
    .map((m) => [`${m.excess}`, `${m.recorded}`, `${m.found}`, m.fileSystem]);
  const ofMounts =
    excess.length === 0
      ? ''
      : `references to mounts that nothing accounts for\n${renderTable([{ head: 'excess', right: true }, { head: 'recorded', right: true }, { head: 'found', right: true }, { head: 'file system' }], excess)}`;
  const missing =
    missingBytes === 0 ? '' : `\n${spellBytes(missingBytes)} that may hold references are not in the dump\n`;
  return `${parts.join('')}${ofMounts}${missing}`;
}

import { spellBytes, spellDuration, spellThings } from '../base/spelling.ts';
import type { SnapshotReport } from '../findings/host-snapshot.ts';
import { wrapText } from './core/wrap-text.ts';
import { escapeTerminal } from './escape.ts';

/** What `kleak snapshot` says when it is done. */
export function renderSnapshot(report: SnapshotReport): string {
  const { file, bytes, sources, seconds, unread, redacted } = report;
  const what = `${spellThings(sources.length, 'file')} of this host, read in ${spellDuration(seconds)}`;
  const cut = sources.filter((s) => s.cut).map((s) => `/${s.path}`);
  const missing = unread.map(({ what: name, why }) => `${name} (${why})`);
  const taken = Object.entries(redacted ?? {}).map(([kind, count]) => spellThings(count, NAMES[kind] ?? kind));
  return [
    wrapText(escapeTerminal(`${file === '-' ? 'standard output' : file}: ${spellBytes(bytes)}, ${what}`), ''),
    ...(redacted ? [paragraph('taken out', taken.length > 0 ? taken : ['nothing was found that had to be'])] : []),
    ...(cut.length > 0 ? [paragraph('cut', cut)] : []),
    ...(missing.length > 0 ? [paragraph('not seen', missing)] : []),
    ...(file === '-' ? [] : [`  next      kleak diagnose ${escapeTerminal(quoted(file))}\n`]),
  ].join('');
}

const NAMES: Readonly<Record<string, string>> = {
  host: 'host name',
  user: 'user name',
  ip: 'IP',
  mac: 'MAC',
  uuid: 'UUID',
  serial: 'serial number',
  path: 'home path',
  arg: 'command line value',
};

function paragraph(head: string, items: readonly string[]): string {
  const text = wrapText(escapeTerminal(items.join('; ')), ' '.repeat(12));
  return `  ${head.padEnd(10)}${text.slice(12)}`;
}

/** As a shell takes it for one word. */
const quoted = (file: string): string =>
  /^[\w./:@%+,-]+$/.test(file) ? file : `'${file.replaceAll("'", String.raw`'\''`)}'`;

import type { Parsed } from '../../base/errors.ts';
import { runOf, type TextFormat } from '../text/text-format.ts';
import type { Versions } from './versions.ts';

const FIELD = /^\s*([A-Z][A-Z_0-9]{1,40})=("[^"]{0,300}"|'[^']{0,300}'|[^\s"']{0,300})\s*$/;
const MOST_LINES = 60;
const FIRST = /^\s*(?:NAME|PRETTY_NAME|ID|VERSION|VERSION_ID)=/;

/** `/etc/os-release`: the distribution as a program with a version, e.g. `centos` `7`. Described in os-release(5). */
export const osRelease: TextFormat<'os-release', Versions> = {
  kind: 'os-release',
  looksFor: '/etc/os-release: NAME="CentOS Linux", VERSION_ID="7"',
  many: true,

  claim(lines, at) {
    if (!FIRST.test(lines[at]?.text ?? '')) return 0;
    const length = runOf(lines.slice(at, at + MOST_LINES), 0, (text) => FIELD.test(text));
    const keys = new Set(lines.slice(at, at + length).map(({ text }) => FIELD.exec(text)?.[1]));
    return keys.has('ID') && (keys.has('NAME') || keys.has('PRETTY_NAME')) ? length : 0;
  },

  parse(lines, file): Parsed<Versions> {
    const fields = new Map(
      lines.map(({ text }) => [FIELD.exec(text)?.[1], (FIELD.exec(text)?.[2] ?? '').replaceAll(/^["']|["']$/g, '')]),
    );
    const [name, version] = [fields.get('ID'), fields.get('VERSION_ID')];
    const at = { kind: 'line', file, line: lines[0]?.number ?? 1 } as const;
    const known = name !== undefined && name !== '' && version !== undefined && version !== '';
    return { value: { programs: known ? [{ kind: 'program', name, version, at }] : [] }, problems: [] };
  },
};

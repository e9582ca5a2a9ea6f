import type { Parsed, Problem } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import type { TextFormat } from '../text/text-format.ts';
import { blockOf } from './commands.ts';
import type { VersionRow, Versions } from './versions.ts';

const RPM =
  /^\s*([A-Za-z0-9][\w.+-]{0,80})-([^\s-]{1,60}-[^\s-]{1,60})\.(?:x86_64|noarch|i[3-6]86|aarch64|ppc64(?:le)?|s390x?|armv7hl|ia64|riscv64|src)(?:\s{2,}\S.*)?\s*$/;
const DPKG =
  /^\s*([uihrp][nicufhwt])R?\s+([a-z0-9][\w.+-]{1,80})(?::[a-z0-9]+)?\s+((?:\d+:)?[0-9][\w.+~:-]{0,80})(?:\s+\S.*)?$/;
const DPKG_HEAD = /^\s*(?:Desired=Unknown\/|\| Status=Not\/|\|\/ Err\?=|\|\|\/ Name\s|\+\+\+-=)/;
const MOST_PACKAGES = 20_000;

/** `rpm -qa` and `dpkg -l`, whole or grepped. Packages removed but not purged (`rc`) are left out. */
export const packageList: TextFormat<'package-list', Versions> = {
  kind: 'package-list',
  looksFor: 'packages: "nss-3.16.1-14.el6.x86_64" of rpm -qa, "ii  curl  7.68.0-1ubuntu2.7  amd64 …" of dpkg -l',
  many: true,

  claim(lines, at) {
    const first = lines[at]?.text ?? '';
    return belongs(first) ? blockOf(lines, at, belongs, () => false, 0) : 0;
  },

  parse(lines, file): Parsed<Versions> {
    const programs: VersionRow[] = [];
    const problems: Problem[] = [];
    for (const { text, number } of lines) {
      const row = readRow(text, { kind: 'line', file, line: number });
      if (row && programs.length < MOST_PACKAGES) programs.push(row);
    }
    return { value: { programs }, problems };
  },
};

const belongs = (text: string): boolean =>
  text.length < 500 && (RPM.test(text) || DPKG.test(text) || DPKG_HEAD.test(text));

function readRow(text: string, at: Provenance): VersionRow | undefined {
  const [, name, version] = RPM.exec(text) ?? [];
  if (name !== undefined && version !== undefined) return { kind: 'package', name, version, at };
  const [, state, debian, its] = DPKG.exec(text) ?? [];
  if (debian === undefined || its === undefined || state?.[1] !== 'i') return undefined;
  return { kind: 'package', name: debian, version: its, at };
}

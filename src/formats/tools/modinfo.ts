import type { Parsed } from '../../base/errors.ts';
import type { TextLine } from '../text/line.ts';
import { runOf, type TextFormat } from '../text/text-format.ts';
import type { VersionRow, Versions } from './versions.ts';

const FIELD = /^\s*([a-z][\w-]{1,24}):(?:\s+(.*))?$/;
const FILE = /^\s*filename:\s+(?:\S*\/)?([\w-]+)\.ko(?:\.\w+)?\s*$/;
const DRIVER = /^\s*driver:\s+([\w-]+)\s*$/;
const ETHTOOL = /^\s*(?:version|firmware-version|expansion-rom-version|bus-info|supports-[\w-]+):/;
const LONGEST = 400;

/** `modinfo MODULE`: the file, its version and the kernel it was built for (vermagic). Written by kmod tools/modinfo.c. */
export const modinfo: TextFormat<'modinfo', Versions> = {
  kind: 'modinfo',
  looksFor: 'modinfo: "filename:  /lib/modules/…/i40e.ko", "version:  2.3.6", "srcversion:  …"',
  many: true,

  claim(lines, at) {
    if (!FILE.test(lines[at]?.text ?? '')) return 0;
    const rest = lines.slice(at + 1, at + 1 + LONGEST);
    const field = (text: string): boolean =>
      (FIELD.test(text) && !/^\s*(?:filename|driver):/.test(text)) || /^\s+[0-9A-F]{2}:/.test(text);
    const next = rest.findIndex(({ text }) => FILE.test(text));
    return 1 + runOf(next < 0 ? rest : rest.slice(0, next), 0, field);
  },

  parse(lines, file): Parsed<Versions> {
    const name = FILE.exec(lines[0]?.text ?? '')?.[1] ?? '';
    return { value: { programs: versionsOf(lines, file, name) }, problems: [] };
  },
};

/** `ethtool -i DEVICE`: driver, its version, and the firmware's. Written by ethtool, dump_drvinfo(). */
export const ethtoolDriver: TextFormat<'ethtool-driver', Versions> = {
  kind: 'ethtool-driver',
  looksFor: 'ethtool -i: "driver: i40e", "version: 2.3.6", "firmware-version: …"',
  many: true,

  claim(lines, at) {
    if (!DRIVER.test(lines[at]?.text ?? '')) return 0;
    const rest = runOf(lines, at + 1, (text) => ETHTOOL.test(text));
    return rest === 0 ? 0 : 1 + rest;
  },

  parse(lines, file): Parsed<Versions> {
    const name = DRIVER.exec(lines[0]?.text ?? '')?.[1] ?? '';
    return { value: { programs: versionsOf(lines, file, name) }, problems: [] };
  },
};

function versionsOf(lines: readonly TextLine[], file: string, name: string): readonly VersionRow[] {
  return lines.flatMap(({ text, number }): readonly VersionRow[] => {
    const [, field, value = ''] = FIELD.exec(text) ?? [];
    const version = value.trim();
    const at = { kind: 'line', file, line: number } as const;
    if (name === '' || version === '' || version === 'N/A') return [];
    if (field === 'version') return [{ kind: 'module', name, version, at }];
    return field === 'firmware-version' ? [{ kind: 'firmware', name, version, at }] : [];
  });
}

import { describe, expect, it } from 'vitest';
import { REAL_KALLSYMS } from '../../../testkit/kallsyms/sample-symbols.ts';
import { FormatError } from '../../base/errors.ts';
import { isSymbolText, parseSymbolText } from './symbol-text.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const rows = (text: string): readonly string[] => {
  const { addresses, letters, owners, modules, names } = parseSymbolText(bytes(text), 'kallsyms').value;
  return Array.from(addresses, (address, i) => {
    const module = modules[(owners[i] ?? 0) - 1];
    const row = `${address.toString(16).padStart(16, '0')} ${String.fromCharCode(letters[i] ?? 0)} ${names.text(i)}`;
    return module === undefined ? row : `${row}\t[${module}]`;
  });
};

const SYSTEM_MAP = `0000000000000000 D __per_cpu_start
ffffffff81000000 T _stext
ffffffff81000000 T _text
ffffffff81000110 t verify_cpu
ffffffff82a12f40 d modules
`;

describe('a saved /proc/kallsyms', () => {
  it('is read back whole, sorted by address', () => {
    const lines = REAL_KALLSYMS.trimEnd().split('\n');
    expect(rows(REAL_KALLSYMS).toSorted()).toEqual(lines.toSorted());
    const { value, problems } = parseSymbolText(bytes(REAL_KALLSYMS), 'kallsyms');
    expect(problems).toEqual([]);
    expect(value.modules).toEqual(['loop', 'qemu_fw_cfg']);
    expect(value.addresses).toEqual(value.addresses.toSorted());
  });

  it('whose addresses kptr_restrict hid is refused, and says what helps', () => {
    const hidden = 'System.map: all addresses are 0';
    const text = '0000000000000000 T _text\n0000000000000000 t fn\t[loop]\n';
    expect(() => parseSymbolText(bytes(text), hidden)).toThrow(
      'symbols: all addresses are 0: kptr_restrict hid them; read it as root, or take the System.map of that kernel',
    );
  });

  it('stands its text cut at every byte', () => {
    const text = REAL_KALLSYMS.slice(0, 4000);
    for (let cut = 600; cut <= text.length; cut++) {
      const parsed = parseSymbolText(bytes(text.slice(0, cut)), 'kallsyms');
      expect(parsed.value.count).toBeGreaterThan(0);
    }
  });
});

describe('a System.map', () => {
  it('is read, symbols of one address in its own order', () => {
    expect(rows(SYSTEM_MAP)).toEqual(SYSTEM_MAP.trimEnd().split('\n'));
  });

  it('may have the line ends of another system, and no last one', () => {
    expect(rows(SYSTEM_MAP.trimEnd().replaceAll('\n', '\r\n'))).toEqual(SYSTEM_MAP.trimEnd().split('\n'));
  });

  it('with torn lines keeps the others, and names the first torn one', () => {
    const torn = SYSTEM_MAP.replace(' t verify_cpu', '').replace('modules', 'modules and more');
    const { value, problems } = parseSymbolText(bytes(torn), 'System.map');
    expect(value.count).toBe(3);
    expect(problems).toEqual([
      { problem: '2 lines are no symbols, this the first of them', at: { kind: 'line', file: 'System.map', line: 4 } },
    ]);
  });

  it.each([
    ['nothing', ''],
    ['another text', 'MemTotal:  1234 kB\n'],
    [
      'the note that Debian installs in its place',
      'ffffffffffffffff B The real System.map is in the linux-image-<version>-dbg package\n',
    ],
  ])('is not %s', (_, text) => {
    expect(() => parseSymbolText(bytes(text), 'System.map')).toThrow('symbols: no line is `ADDRESS LETTER NAME`');
    expect(() => parseSymbolText(bytes(text), 'System.map')).toThrow(FormatError);
    expect(isSymbolText(bytes(text))).toBe(false);
  });

  it('is told by its first line', () => {
    expect(isSymbolText(bytes(SYSTEM_MAP))).toBe(true);
    expect(isSymbolText(bytes(REAL_KALLSYMS))).toBe(true);
  });
});

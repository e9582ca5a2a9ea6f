import { describe, expect, it } from 'vitest';
import { sectionCodecs, typesFixture } from '../../../testkit/btf/read-types.ts';
import { symbolTable } from '../../model/symbols/symbol-table.ts';
import { readElfHeader } from './header.ts';
import { bytesSource, readSections } from './sections.ts';
import { readElfSymbols } from './symbol-table.ts';

const source = bytesSource('gcc12-dwarf5.elf', typesFixture('dwarf/gcc12-dwarf5.elf'));
const { value: sections } = readSections(source, readElfHeader(source));

describe('the symbol table of an ELF file', () => {
  it('has what the file defines, with the letters of nm', () => {
    const columns = readElfSymbols(source, sections, sectionCodecs);
    expect(columns).toBeDefined();
    if (columns === undefined) return;
    const table = symbolTable(columns, 'vmlinux');
    const lettered = ['walk', 'declared_first', 'table', 'hidden', '_start'].map(
      (name) => `${table.findAll(name)[0]?.letter ?? '-'} ${name}`,
    );
    expect(lettered).toEqual(['T walk', 'D declared_first', 'B table', 'b hidden', 'T _start']);
    expect([...table.matching((name) => name === 'sample.c' || name === '')]).toEqual([]);
  });

  it('is missing from a file that was stripped', () => {
    expect(
      readElfSymbols(
        source,
        sections.filter(({ type }) => type !== 2),
        sectionCodecs,
      ),
    ).toBeUndefined();
  });
});

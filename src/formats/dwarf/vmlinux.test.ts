import { describe, expect, it } from 'vitest';
import { FileSource } from '../../sources/vmcore/file-source.ts';
import { describeStruct, dwarfSectionsOf, sectionCodecs } from '../../../testkit/btf/read-types.ts';
import { openBtf } from '../btf/btf.ts';
import { readElfHeader } from '../elf/header.ts';
import { readSection, readSections, sectionNamed } from '../elf/sections.ts';
import { openDwarf } from './dwarf.ts';

/** A vmlinux that has both DWARF and BTF, as distributions ship it in their packages of debug information. */
const VMLINUX = process.env['KLEAK_VMLINUX'] ?? '';

describe('DWARF and BTF of one vmlinux', () => {
  it.skipIf(VMLINUX === '')(
    'agree about every struct whose name is unique (where KLEAK_VMLINUX names one)',
    () => {
      const source = new FileSource(VMLINUX);
      const section = sectionNamed(readSections(source, readElfHeader(source)).value, '.BTF');
      const bytes = section ? readSection(source, section, sectionCodecs) : new Uint8Array(0);
      const btf = openBtf(bytes, 'BTF').value;
      const dwarf = openDwarf(dwarfSectionsOf(source), 'DWARF').value;

      const byName = new Map<string, number[]>();
      for (const id of btf.all('struct')) {
        const node = btf.node(id);
        if (node.kind === 'struct' && node.name !== '') byName.set(node.name, [...(byName.get(node.name) ?? []), id]);
      }
      const unique = [...byName].flatMap(([name, [id = 0, ...others]]) => (others.length === 0 ? [{ name, id }] : []));
      // BTF has those of function bodies too.
      const both = unique.flatMap(({ name, id }) => {
        const other = dwarf.find('struct', name);
        return other === undefined ? [] : [{ name, id, other }];
      });
      expect(both.length).toBeGreaterThan(unique.length * 0.99);
      const differ = both.filter(
        ({ id, other }) => describeStruct(btf, id).join() !== describeStruct(dwarf, other).join(),
      );
      expect(differ.map(({ name }) => name)).toEqual([]);
      source.close();
    },
    120_000,
  );
});

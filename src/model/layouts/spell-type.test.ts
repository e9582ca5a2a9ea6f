import { describe, expect, it } from 'vitest';
import { BtfWriter } from '../../../testkit/btf/btf-writer.ts';
import { dwarfSections, typesFixture } from '../../../testkit/btf/read-types.ts';
import type { TypeGraph } from '../../base/type-graph.ts';
import { openBtf } from '../../formats/btf/btf.ts';
import { openDwarf } from '../../formats/dwarf/dwarf.ts';
import { spellDeclaration, spellType } from './spell-type.ts';

const DECLARED = [
  'struct list_head list',
  'union {...}',
  'const char *name',
  'char label[16]',
  'enum state state',
  'atomic_t refs',
  'signed char small',
  'bool ready',
  'double ratio',
  'struct elsewhere *other',
  'handler_t handler',
  'void (*release)(struct node *)',
  'struct node *children[2][3]',
  'volatile int * const restrict window',
  'struct old_bits bits',
  '__int128 huge',
  'unsigned long tail[]',
];

const declared = (graph: TypeGraph): readonly string[] => {
  const node = graph.node(graph.find('struct', 'node') ?? -1);
  return node.kind === 'struct'
    ? node.members.map(({ name, type }) => spellDeclaration({ graph, id: type }, name))
    : [];
};

describe('types are spelled as C declares them', () => {
  it.each(['gcc12-dwarf4', 'gcc12-dwarf5', 'clang14-dwarf5'])('out of DWARF: %s', (file) => {
    const { value } = openDwarf(dwarfSections(typesFixture(`dwarf/${file}.elf`), file), file);
    // The order of qualifiers is lost, and means nothing.
    const lines = declared(value).map((line) => line.replace('restrict const', 'const restrict'));
    expect(lines).toEqual(DECLARED);
  });

  it('out of BTF, which joins the dimensions of an array', () => {
    const { value } = openBtf(typesFixture('btf/kernel.btf'), 'kernel.btf');
    const joined = DECLARED.map((line) => line.replace('[2][3]', '[6]'));
    expect(declared(value)).toEqual(joined);
  });

  it('alone, without a name', () => {
    const types = new BtfWriter();
    const int = types.int('int', 4, 1);
    const work = types.forward('work_struct');
    const callback = types.pointer(types.prototype(0, [['', types.pointer(work)]]));
    const of = types.array(callback, 3);
    const none = types.pointer(types.prototype(int, []));
    const rows = types.pointer(types.array(int, 4));
    const { value: graph } = openBtf(types.bytes(), 't');
    expect([callback, of, none, rows, 0].map((id) => spellType({ graph, id }))).toEqual([
      'void (*)(struct work_struct *)',
      'void (*[3])(struct work_struct *)',
      'int (*)(void)',
      'int (*)[4]',
      'void',
    ]);
  });
});

describe('the spelling of damaged types', () => {
  it('ends where they go round', () => {
    const odd = new BtfWriter();
    const pointer = odd.pointer(1);
    const self = odd.nextId;
    odd.prototype(
      self,
      Array.from({ length: 40 }, () => ['', self] as const),
    );
    const constant = odd.nextId;
    odd.modifier('const', constant);
    const { value: graph } = openBtf(odd.bytes(), 'odd');
    for (const id of [pointer, self, constant, 99]) expect(spellType({ graph, id }).length).toBeLessThan(50_000);
    expect(spellType({ graph, id: 99 })).toBe('?');
  });
});

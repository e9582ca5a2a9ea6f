import { describe, expect, it } from 'vitest';
import { MADE_BASE, MadeKernel, type MadeTypes } from '../../../testkit/made-kernel.ts';
import { Layouts } from '../layouts/layouts.ts';
import { symbolTable } from '../symbols/symbol-table.ts';
import { moduleSymbols } from './module-symbols.ts';
import { moduleTypes } from './module-types.ts';
import { kernelModules } from './modules.ts';

type Form = 'areas (6.4)' | 'layouts (4.5)' | 'members (3.x)';
const FORMS: readonly Form[] = ['areas (6.4)', 'layouts (4.5)', 'members (3.x)'];

/** Offsets in the struct module of this test. */
const AT = { state: 0, list: 8, name: 24, refcnt: 80, taints: 88, memory: 96, kallsyms: 256, symtab: 256 } as const;

const AREA = { base: [0, 'pointer'], size: [8, 'u32'] } as const;
const COMMON = {
  state: [AT.state, 'u32'],
  list: [AT.list, 'list'],
  name: [AT.name, 'char[56]'],
  taints: [AT.taints, 'long'],
} as const;
const TABLES = { symtab: [0, 'pointer'], num_symtab: [8, 'u32'], strtab: [16, 'pointer'] } as const;

/** struct module and what belongs to it, as the releases of each form had them. */
const TYPES: Readonly<Record<Form, MadeTypes>> = {
  'areas (6.4)': {
    module_memory: { ...AREA, end: [24, 'long'] },
    mod_kallsyms: { ...TABLES, typetab: [24, 'pointer'] },
    module: {
      ...COMMON,
      refcnt: [AT.refcnt, 'u32'],
      mem: [AT.memory, 'module_memory[5]'],
      kallsyms: [AT.kallsyms, 'mod_kallsyms*'],
    },
  },
  'layouts (4.5)': {
    module_layout: AREA,
    mod_kallsyms: TABLES,
    module: {
      ...COMMON,
      refcnt: [AT.refcnt, 'u32'],
      core_layout: [AT.memory, 'module_layout'],
      init_layout: [AT.memory + 40, 'module_layout'],
      kallsyms: [AT.kallsyms, 'mod_kallsyms*'],
    },
  },
  'members (3.x)': {
    module: {
      ...COMMON,
      module_init: [AT.memory, 'pointer'],
      module_core: [AT.memory + 8, 'pointer'],
      init_size: [AT.memory + 16, 'u32'],
      core_size: [AT.memory + 20, 'u32'],
      symtab: [AT.symtab, 'pointer'],
      num_symtab: [AT.symtab + 8, 'u32'],
      strtab: [AT.symtab + 16, 'pointer'],
    },
  },
};
const BTF_TYPES: MadeTypes = {
  btf: { data: [0, 'pointer'], data_size: [8, 'u32'] },
  btf_module: { list: [0, 'list'], module: [16, 'module*'], btf: [24, 'btf*'] },
};
const STATES = {
  module_state: { MODULE_STATE_LIVE: 0, MODULE_STATE_COMING: 1, MODULE_STATE_GOING: 2, MODULE_STATE_UNFORMED: 3 },
};

const MARKS = '\0loop_open\0$x\0.LC3\0memset\0loop_fops\0';
/** [name, info, section, value, letter]; info 0x12 is a global function, 0x01 a local object. */
const SYMBOLS = [
  ['', 0, 0, 0, '?'],
  ['loop_open', 0x12, 1, 0x10, 't'],
  ['$x', 0, 1, 0x10, 't'],
  ['.LC3', 0x01, 2, 0x20, 'r'],
  ['memset', 0x10, 0, 0x7777, 'U'],
  ['loop_fops', 0x01, 3, 0x1040, 'd'],
] as const;

/** Where things lie in the made kernel. */
const HEAD = MADE_BASE + 0x100n;
const BTF = MADE_BASE + 0x200n;
const MODULES = [MADE_BASE + 0x1000n, MADE_BASE + 0x2000n] as const;
const coreOf = (module: bigint): bigint => module + 0x7000n + (module - MADE_BASE) * 2n;
const tablesOf = (form: Form, module: bigint): bigint =>
  module + (form === 'members (3.x)' ? BigInt(AT.symtab) : 0x800n);

/** Two modules, each of 8 KiB: `loop`, live and used twice, and `ring`, out of tree, unsigned, on its way out. */
function build(form: Form): MadeKernel {
  const made = new MadeKernel(32, { ...TYPES[form], ...BTF_TYPES }, STATES);
  made.symbols.set('modules', HEAD);
  made.symbols.set('btf_modules', BTF);
  for (const [i, module] of MODULES.entries()) {
    made.put32(module + BigInt(AT.state), i === 0 ? 0 : 2);
    made.text(module + BigInt(AT.name), i === 0 ? 'loop' : 'ring');
    made.put32(module + BigInt(AT.refcnt), i === 0 ? 3 : 1);
    made.put(module + BigInt(AT.taints), i === 0 ? 0n : 0x3000n);
    putMemory(made, form, module + BigInt(AT.memory), coreOf(module));
    putSymbols(made, tablesOf(form, module), coreOf(module), form === 'areas (6.4)');
  }
  if (form !== 'members (3.x)')
    for (const module of MODULES) made.put(module + BigInt(AT.kallsyms), tablesOf(form, module));
  made.link(HEAD, ...MODULES.map((module) => module + BigInt(AT.list)));
  const entry = BTF + 0x40n;
  made.link(BTF, entry);
  made.put(entry + 16n, MODULES[0]);
  made.put(entry + 24n, entry + 0x40n);
  made.put(entry + 0x40n, MADE_BASE + 0x800n);
  made.put32(entry + 0x48n, 100);
  return made;
}

function putMemory(made: MadeKernel, form: Form, at: bigint, core: bigint): void {
  if (form === 'areas (6.4)') {
    for (const [i, offset] of [0n, 4096n].entries()) {
      made.put(at + BigInt(32 * i), core + offset);
      made.put32(at + BigInt(32 * i + 8), 4096);
    }
  } else {
    made.put(form === 'layouts (4.5)' ? at : at + 8n, core);
    made.put32(form === 'layouts (4.5)' ? at + 8n : at + 20n, 8192);
  }
}

function putSymbols(made: MadeKernel, tables: bigint, core: bigint, hasLetters: boolean): void {
  const [symtab, strtab, letters] = [core + 4096n + 512n, core + 4096n + 1024n, core + 4096n + 2048n];
  made.put(tables, symtab);
  made.put32(tables + 8n, SYMBOLS.length);
  made.put(tables + 16n, strtab);
  if (hasLetters) made.put(tables + 24n, letters);
  made.text(strtab, MARKS);
  made.text(letters, SYMBOLS.map(([, , , , letter]) => letter).join(''));
  for (const [i, [name, info, section, value, letter]] of SYMBOLS.entries()) {
    const at = symtab + BigInt(24 * i);
    made.put(at, BigInt(name === '' ? 0 : MARKS.indexOf(`\0${name}\0`) + 1));
    made.view.setUint8(Number(at - MADE_BASE) + 4, hasLetters ? info : letter.charCodeAt(0));
    made.view.setUint16(Number(at - MADE_BASE) + 6, section, true);
    made.put(at + 8n, core + BigInt(value));
  }
}

describe.each(FORMS)('modules with memory as %s', (form) => {
  it('are listed as /proc/modules lists them', () => {
    const { value, problems } = kernelModules(build(form).kernel);
    expect(problems).toEqual([]);
    expect(
      value.map(({ name, sizeBytes, state, taints, references }) => [name, sizeBytes, state, taints, references]),
    ).toEqual(
      form === 'members (3.x)'
        ? [
            ['loop', 8192, 'live', '', undefined],
            ['ring', 8192, 'going', 'OE', undefined],
          ]
        : [
            ['loop', 8192, 'live', '', 2],
            ['ring', 8192, 'going', 'OE', 0],
          ],
    );
    expect(value.map(({ base, extents }) => base === extents[0]?.start)).toEqual([true, true]);
  });

  it('have their functions and data as symbols, and nothing else', () => {
    const { kernel } = build(form);
    const { value: modules } = kernelModules(kernel);
    const { value, problems } = moduleSymbols(kernel, modules);
    expect(problems).toEqual([]);
    const table = symbolTable(
      value,
      'modules',
      modules.flatMap(({ extents }) => extents),
    );
    const base = modules[0]?.base ?? 0n;
    const isGlobal = form === 'areas (6.4)';
    expect(
      table.findAll('loop_open').map(({ address, letter, module }) => [address - base < 8192n, letter, module]),
    ).toEqual([
      [true, isGlobal ? 'T' : 't', 'loop'],
      [false, isGlobal ? 'T' : 't', 'ring'],
    ]);
    expect(value.count).toBe(4);
    expect(table.spell(base + 0x18n)).toBe('loop_open+0x8 [loop]');
    expect(table.spell(base + 0x1fffn)).toBe('loop_fops+0xfbf [loop]');
    expect(table.spell(base + 0x2000n)).toBeUndefined();
  });

  it('have types where the kernel keeps their BTF', () => {
    const { kernel } = build(form);
    expect(moduleTypes(kernel)).toEqual({
      value: [{ module: 'loop', address: MADE_BASE + 0x800n, size: 100 }],
      problems: [],
    });
  });
});

describe('a damaged list of modules', () => {
  const next = (module: bigint): bigint => module + BigInt(AT.list);

  it('that goes round ends where it began to', () => {
    const made = build('areas (6.4)');
    made.put(next(MODULES[1]), next(MODULES[0]));
    const { value, problems } = kernelModules(made.kernel);
    expect(value.map(({ name }) => name)).toEqual(['loop', 'ring']);
    expect(problems).toEqual(['the list of modules goes round in a circle at ffff888000001008']);
  });

  it('that leads out of the dump keeps what came before', () => {
    const made = build('areas (6.4)');
    made.put(next(MODULES[0]), 0xffff_ffff_dead_0000n);
    const { value, problems } = kernelModules(made.kernel);
    expect(value.map(({ name }) => name)).toEqual(['loop']);
    expect(problems).toEqual([
      expect.stringMatching(/^the list of modules breaks off: ffffffffdead000[\da-f] is not mapped$/),
    ]);
  });

  it('with a page that was left out loses that module', () => {
    const made = build('areas (6.4)');
    made.exclude(MODULES[1]);
    const { value, problems } = kernelModules(made.kernel);
    expect(value.map(({ name }) => name)).toEqual(['loop']);
    expect(problems).toEqual([expect.stringContaining('the list of modules breaks off')]);
  });

  it.each([
    ['a number of symbols', 8n, 0xffff_ffffn],
    ['a place of its symbols', 0n, 0x1234n],
    ['a place of its names', 16n, 0xffff_ffff_ffff_fff0n],
  ])('with %s that cannot be loses the symbols of one module', (_, offset, value) => {
    const made = build('areas (6.4)');
    made.put(tablesOf('areas (6.4)', MODULES[0]) + offset, value);
    const found = moduleSymbols(made.kernel, kernelModules(made.kernel).value);
    expect(found.problems).toEqual(['the symbols of the module loop cannot be read']);
    expect(found.value.modules).toEqual(['ring']);
  });

  it('is none where the symbol or the type is missing', () => {
    const made = build('areas (6.4)');
    const untyped = { ...made.kernel, layouts: new Layouts([]) };
    expect(kernelModules(untyped).problems).toEqual(['no modules: the types have no struct module']);
    made.symbols.clear();
    expect(kernelModules(made.kernel).problems).toEqual(['no modules: the list modules is in no table of symbols']);
    expect(moduleTypes(made.kernel)).toEqual({ value: [], problems: [] });
  });
});

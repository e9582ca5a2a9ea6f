import { parseVmcoreInfo } from '../../src/formats/vmcoreinfo.ts';
import type { DumpClaims } from '../../src/model/memory/find-kernel.ts';
import type { Machine } from './machine.ts';

/** Symbols of the tables of kallsyms, by what they are. */
export const KALLSYMS_PLACES: Readonly<Record<string, string>> = {
  names: 'kallsyms_names',
  numSyms: 'kallsyms_num_syms',
  tokenTable: 'kallsyms_token_table',
  tokenIndex: 'kallsyms_token_index',
  offsets: 'kallsyms_offsets',
  relativeBase: 'kallsyms_relative_base',
};

const EXPORTED = ['init_uts_ns', 'swapper_pg_dir', 'init_top_pgt', '_stext', 'mem_section', 'mem_map'];

/** The text of VMCOREINFO as the kernel of a machine would write it; `more` are lines about its memory map. */
export function noteOf({ plan, symbols }: Machine, more: readonly string[] = []): string {
  const found = [...EXPORTED, ...Object.values(KALLSYMS_PLACES)].flatMap((name) => {
    const address = symbols.get(name);
    return address === undefined ? [] : [`SYMBOL(${name})=${address.toString(16)}`];
  });
  return [
    `OSRELEASE=${plan.release}`,
    `PAGESIZE=${plan.pageSize}`,
    ...found,
    ...(plan.utsNameAt === 0 ? ['OFFSET(uts_namespace.name)=0'] : []),
    ...more,
    ...Object.entries(plan.numbers).map(([name, value]) => `NUMBER(${name})=${value}`),
    `KERNELOFFSET=${plan.kaslr.toString(16)}`,
    '',
  ].join('\n');
}

/** A note with one line said in another way, or without it. */
export function changed(note: string, key: string, value?: string): string {
  const lines = note.split('\n').filter((line) => !line.startsWith(`${key}=`));
  return [...(value === undefined ? [] : [`${key}=${value}`]), ...lines].join('\n');
}

/** What a dump without segments and header would claim. */
export function claimsOf(machine: Machine, note: string): DumpClaims {
  const file = 'built';
  return {
    physical: machine.physical,
    machine: machine.plan.machine,
    info: parseVmcoreInfo(note, file).value,
    segments: [],
    file,
  };
}

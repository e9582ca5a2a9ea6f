import type { CDefinition, CUnit } from '../../model/source/c-unit.ts';

/** Members of tables, and macros, that say what a function is for. */
const MEMBERS: Readonly<Record<string, string>> = {
  probe: 'probe',
  probe_new: 'probe',
  init_one: 'probe',
  bind: 'probe',
  remove: 'remove',
  remove_new: 'remove',
  disconnect: 'remove',
  ndo_start_xmit: 'xmit',
  send: 'send',
  xmit: 'send',
  hci_xmit: 'send',
};
const MACROS: Readonly<Record<string, string>> = {
  module_init: 'init',
  late_initcall: 'init',
  device_initcall: 'init',
  subsys_initcall: 'init',
  fs_initcall: 'init',
  arch_initcall: 'init',
  core_initcall: 'init',
  module_exit: 'exit',
};

/** What each function is for, as far as tables and macros of its unit say. */
export function readRoles(unit: CUnit): (definition: CDefinition) => string | undefined {
  const roles = new Map<CDefinition['outline'], string>();
  for (const file of unit.files) {
    const note = (name: string, role: string | undefined): void => {
      const definition = role === undefined ? undefined : unit.find(name, file);
      if (definition && role !== undefined) roles.set(definition.outline, role);
    };
    for (const { members } of file.outline.tables) for (const { name, value } of members) note(value, MEMBERS[name]);
    for (const { name, args } of file.outline.macros) note(args[0] ?? '', MACROS[name]);
  }
  return ({ outline }) => roles.get(outline);
}

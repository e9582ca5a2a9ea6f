import type { CDefinition, CFile, CUnit } from '../../model/source/c-unit.ts';

import { undoingNames } from './api/verb-pairs.ts';

/** Members of one table of operations: what the first makes, the others undo. */
const PAIRS: readonly (readonly [make: string, ...undo: string[]])[] = [
  ['probe', 'remove', 'remove_new', 'disconnect'],
  ['init', 'exit', 'fini', 'uninit', 'deinit', 'remove', 'cleanup', 'destroy'],
  ['bind', 'unbind'],
  ['attach', 'detach', 'disconnect'],
  ['connect', 'disconnect', 'close'],
  ['open', 'release', 'close', 'cleanup', 'stop'],
  ['ndo_open', 'ndo_stop'],
  ['ndo_init', 'ndo_uninit'],
  ['startup', 'shutdown'],
  ['hw_init', 'hw_fini'],
  ['sw_init', 'sw_fini'],
  ['hw_params', 'hw_free', 'close'],
  ['create', 'destroy', 'release'],
  ['add', 'remove'],
  ['target_alloc', 'target_destroy'],
  ['slave_alloc', 'slave_destroy'],
  ['buf_init', 'buf_cleanup'],
  ['port_probe', 'port_remove'],
  ['start_streaming', 'stop_streaming'],
];

/** Endings of names in one file: `foo_init`, `foo_exit`. */
const ENDINGS: readonly (readonly [make: RegExp, undo: readonly string[]])[] = [
  [/_init(?:_module)?$/, ['_exit', '_fini', '_deinit', '_cleanup', '_uninit', '_exit_module', '_cleanup_module']],
  [/_probe$/, ['_remove', '_disconnect']],
];

/** The functions that undo what another one does, by tables, macros and names. */
export function undoersOf(unit: CUnit, { file, outline }: CDefinition): readonly CDefinition[] {
  const found = new Map<CDefinition['outline'], CDefinition>();
  const add = (name: string, from: CFile): void => {
    const definition = unit.find(name, from);
    if (definition && definition.outline !== outline) found.set(definition.outline, definition);
  };
  for (const { members } of file.outline.tables) {
    const own = members.find(({ value }) => value === outline.name);
    const pair = own && PAIRS.find(([make]) => make === own.name);
    if (pair) for (const { name, value } of members) if (pair.slice(1).includes(name)) add(value, file);
  }
  const macros = file.outline.macros;
  if (macros.some(({ name, args }) => name === 'module_init' && args[0] === outline.name)) {
    for (const { name, args } of macros) if (name === 'module_exit') add(args[0] ?? '', file);
  }
  for (const [make, undo] of ENDINGS) {
    if (make.test(outline.name)) for (const ending of undo) add(outline.name.replace(make, ending), file);
  }
  return [...found.values()];
}

/** `foo_alloc_rings` and `foo_free_rings` of one file. */
export function namedUndoers({ file, outline }: CDefinition): readonly CDefinition[] {
  const names = undoingNames(outline.name);
  if (names.length === 0) return [];
  return file.outline.functions.flatMap((other) => (names.includes(other.name) ? [{ file, outline: other }] : []));
}

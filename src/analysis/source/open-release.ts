import type { CDefinition, CFile, CUnit, TableMember, TableOutline } from '../../model/source/c-unit.ts';
import type { OpenReleaseDefect } from '../../model/source/defect.ts';
import { callsIn } from './calls.ts';
import { ignoredAt, stepAt } from './places.ts';

/** What each way of opening needs at release; the first is the function to name. Those that do more count too. */
const PARTNERS: Readonly<Record<string, readonly string[]>> = {
  single_open: ['single_release'],
  single_open_size: ['single_release'],
  seq_open_private: ['seq_release_private'],
  __seq_open_private: ['seq_release_private'],
  seq_open: ['seq_release', 'seq_release_private', 'single_release'],
};
const ORDER = Object.keys(PARTNERS);
/** Functions between the table and the call that opens. */
const DEEPEST = 3;

const OPENERS: ReadonlySet<string> = new Set(['open', 'proc_open']);
const RELEASERS: ReadonlySet<string> = new Set(['release', 'proc_release']);

/** Tables of operations whose release function does not free what their open function allocates. */
export function measureOpenRelease(unit: CUnit): readonly OpenReleaseDefect[] {
  return unit.files.flatMap((file) => file.outline.tables.flatMap((table) => examineTable(unit, file, table)));
}

function examineTable(unit: CUnit, file: CFile, table: TableOutline): readonly OpenReleaseDefect[] {
  const open = table.members.find(({ name }) => OPENERS.has(name));
  if (!open) return [];
  const release = table.members.find(({ name }) => RELEASERS.has(name));
  const opener = unit.find(open.value, file);
  if (!opener) return [];
  const opens = ORDER.find((name) => reaches(unit, opener, [name], DEEPEST));
  const partners = opens === undefined ? undefined : PARTNERS[opens];
  if (opens === undefined || partners === undefined) return [];
  if (release && frees(unit, file, release.value, partners)) return [];
  return [describe(unit, { file, table, open, release, opener, opens, wanted: partners[0] ?? '' })];
}

/** Whether a release function is one of the partners or calls one. What is defined elsewhere gets the benefit. */
function frees(unit: CUnit, file: CFile, release: string, partners: readonly string[]): boolean {
  if (partners.includes(release)) return true;
  const definition = unit.find(release, file);
  if (definition) return reaches(unit, definition, partners, DEEPEST);
  return !/^(?:seq_release|single_release|seq_release_private|NULL)$/.test(release);
}

function reaches(unit: CUnit, from: CDefinition, names: readonly string[], depth: number): boolean {
  const { calls } = from.outline;
  if (names.some((name) => calls.has(name))) return true;
  if (depth === 0) return false;
  return [...calls].some((name) => {
    const next = unit.find(name, from.file);
    return next !== undefined && next.outline !== from.outline && reaches(unit, next, names, depth - 1);
  });
}

interface Found {
  readonly file: CFile;
  readonly table: TableOutline;
  readonly open: TableMember;
  readonly release: TableMember | undefined;
  readonly opener: CDefinition;
  readonly opens: string;
  readonly wanted: string;
}

function describe(unit: CUnit, found: Found): OpenReleaseDefect {
  const { file, table, open, release, opener, opens, wanted } = found;
  const opening = openingCall(unit, opener, opens, DEEPEST);
  const at = release?.at ?? open.at;
  const ignored = ignoredAt(file, at) ?? (opening && ignoredAt(opening.file, opening.at));
  return {
    kind: 'open-release',
    file: file.name,
    line: unit.line(file, at),
    function: opener.outline.name,
    table: table.type,
    tableName: table.name,
    open: open.value,
    opens,
    release: release?.value,
    wanted,
    ...(opening?.show === undefined ? {} : { show: opening.show }),
    ...(ignored === undefined ? {} : { ignored }),
    steps: [
      stepAt(unit, file, open.at, `the table opens with ${open.value}()`),
      ...(opening ? [stepAt(unit, opening.file, opening.at, `${opens}() allocates`)] : []),
      stepAt(unit, file, at, release ? `and releases with ${release.value}()` : 'and has no release function'),
    ],
  };
}

interface Opening {
  readonly file: CFile;
  readonly at: number;
  readonly show?: string;
}

function openingCall(unit: CUnit, from: CDefinition, opens: string, depth: number): Opening | undefined {
  if (!from.outline.calls.has(opens)) {
    if (depth === 0) return undefined;
    for (const name of from.outline.calls) {
      const next = unit.find(name, from.file);
      const found = next && openingCall(unit, next, opens, depth - 1);
      if (found) return found;
    }
    return undefined;
  }
  const body = unit.body(from)?.body ?? [];
  const call = callsIn(body).find(({ callee }) => callee.kind === 'name' && callee.name === opens);
  if (!call) return { file: from.file, at: from.outline.at };
  const show = call.args[1];
  return {
    file: from.file,
    at: call.at,
    ...(opens.startsWith('single') && show?.kind === 'name' ? { show: show.name } : {}),
  };
}

import type { CDefinition, CFile, CUnit } from '../../model/source/c-unit.ts';
import type { LeftArmedDefect } from '../../model/source/defect.ts';
import { ignoredAt, stepAt } from './places.ts';
import { enclosingCall, occurrences } from './text-places.ts';

interface Kind {
  readonly what: LeftArmedDefect['what'];
  /** Makes it known; the member is its first argument. */
  readonly made: RegExp;
  readonly started: RegExp;
  readonly stopped: RegExp;
}

const MEMBER = String.raw`\s*\(\s*(?:[^;,()]*,\s*)?&\s*(?:[\w$]+(?:\[[^\]]*\])?\s*(?:->|\.)\s*)*([\w$]+)\b`;
const member = (names: string): RegExp => new RegExp(String.raw`\b(?:${names})${MEMBER}`, 'g');

const KINDS: readonly Kind[] = [
  {
    what: 'timer',
    made: member('timer_setup|setup_timer|timer_setup_on_stack|init_timer'),
    started: member('mod_timer|add_timer|mod_timer_pending|add_timer_on'),
    stopped: /^(?:del_timer\w*|timer_delete\w*|timer_shutdown\w*|try_to_del_timer_sync|del_singleshot_timer_sync)$/,
  },
  {
    what: 'delayed work',
    made: member('INIT_DELAYED_WORK|INIT_DEFERRABLE_WORK'),
    started: member(
      'schedule_delayed_work|queue_delayed_work|mod_delayed_work|queue_delayed_work_on|schedule_delayed_work_on',
    ),
    stopped:
      /^(?:cancel_delayed_work\w*|flush_delayed_work|disable_delayed_work\w*|destroy_workqueue|flush_workqueue|drain_workqueue|flush_scheduled_work|cancel_work\w*)$/,
  },
  {
    what: 'high-resolution timer',
    made: member('hrtimer_init|hrtimer_setup'),
    started: member('hrtimer_start|hrtimer_start_range_ns|hrtimer_restart'),
    stopped: /^(?:hrtimer_cancel|hrtimer_try_to_cancel)$/,
  },
];

/**
 * Timers and delayed work that a unit starts and has no way to stop, though it can be unloaded: they keep the object that
 * holds them in use, or run on what was freed.
 */
export function measureLeftArmed(
  unit: CUnit,
  roleOf: (definition: CDefinition) => string | undefined,
): readonly LeftArmedDefect[] {
  const undoers = unit.files.flatMap((file) =>
    file.outline.functions.flatMap((outline) => {
      const isUndoer =
        /^(?:remove|exit)$/.test(roleOf({ file, outline }) ?? '') || /_(?:remove|disconnect|exit)$/.test(outline.name);
      return isUndoer ? [{ file, outline }] : [];
    }),
  );
  if (undoers.length === 0) return [];
  return KINDS.flatMap((kind) => examineKind(unit, kind, undoers));
}

function examineKind(
  unit: CUnit,
  { what, made, started, stopped }: Kind,
  undoers: readonly CDefinition[],
): readonly LeftArmedDefect[] {
  const starts = unit.files.flatMap((file) => matches(file, started));
  const own = new Set(unit.files.flatMap((file) => matches(file, made).map(({ name }) => name)));
  const named = new Map(starts.filter(({ name }) => own.has(name)).map((start) => [start.name, start]));
  return [...named.values()].flatMap((start) => {
    // What is queued ends with its queue.
    if (start.by.startsWith('queue') && unit.callers('destroy_workqueue').length > 0) return [];
    if (unit.files.some((file) => isStopped(file, start.name, stopped))) return [];
    const near = undoers.filter(({ file }) => folderOf(file) === folderOf(start.file));
    const undoer = near.find(({ file }) => file === start.file) ?? near[0];
    return undoer ? [describe(unit, what, start, undoer)] : [];
  });
}

/** Drivers lie in folders; what removes another one is none of this one's business. */
const folderOf = ({ name }: CFile): string => name.slice(0, name.lastIndexOf('/') + 1);

interface Place {
  readonly file: CFile;
  readonly at: number;
  readonly name: string;
  readonly by: string;
}

function matches(file: CFile, pattern: RegExp): readonly Place[] {
  return [...file.text.matchAll(pattern)].map((found) => ({
    file,
    at: found.index,
    name: found[1] ?? '',
    by: /^\w+/.exec(found[0])?.[0] ?? '',
  }));
}

const HARMLESS =
  /^(?:timer_setup\w*|setup_timer|init_timer|mod_timer\w*|add_timer\w*|timer_pending|INIT_\w+|schedule_\w+|queue_\w+|mod_delayed_work\w*|hrtimer_(?:init|setup|start\w*|restart|forward\w*|active|get\w*)|container_of|from_timer|to_delayed_work|delayed_work_pending|work_pending|if|while|for|switch|return|sizeof|ARRAY_SIZE|time_\w+|pr_\w+|dev_\w+)$/;

/** Stopped, or its address goes to a function that nobody knows. */
function isStopped(file: CFile, name: string, stopped: RegExp): boolean {
  for (const at of occurrences(file, name)) {
    const call = enclosingCall(file.text.slice(Math.max(0, at - 200), at));
    if (call !== undefined && (stopped.test(call) || !HARMLESS.test(call))) return true;
  }
  return false;
}

/** Told where it has to be stopped. */
function describe(
  unit: CUnit,
  what: LeftArmedDefect['what'],
  { file, at, name, by }: Place,
  undoer: CDefinition,
): LeftArmedDefect {
  const ignored = ignoredAt(file, at) ?? ignoredAt(undoer.file, undoer.outline.at);
  return {
    kind: 'left-armed',
    what,
    member: name,
    started: by,
    file: undoer.file.name,
    line: unit.line(undoer.file, undoer.outline.at),
    function: undoer.outline.name,
    ...(ignored === undefined ? {} : { ignored }),
    steps: [
      stepAt(unit, file, at, `${by}() starts it`),
      stepAt(
        unit,
        undoer.file,
        undoer.outline.at,
        `${undoer.outline.name}() does not stop ${name}, nor does anything else that was read`,
      ),
    ],
  };
}

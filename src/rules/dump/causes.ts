import type { NextStep } from '../../findings/finding.ts';
import type { DumpFacts, GoneTasks, LostThing, Unbalanced } from '../../model/dump-facts.ts';

/** Why a thing of this kind is left behind, where its kind says so. */
export interface Cause {
  /** The function that allocates it. */
  readonly made?: string;
  readonly sentence: string;
  readonly why: string;
  readonly next: readonly NextStep[];
}

/** By type, by what the words of an object name, and by counts that disagree. */
export function causeOf(thing: LostThing, dump: DumpFacts): Cause | undefined {
  if (isSingleFile(thing)) return singleFile(thing);
  if (thing.parts.some(({ type }) => type === 'struct tty_struct')) return TERMINAL;
  if (isTask(thing) && dump.goneTasks) return taskReferences(dump.goneTasks);
  const pinned = pinnedDentries(thing, dump);
  return pinned === undefined ? undefined : pathReferences(pinned);
}

/** The table of functions that single_open() makes, told by the functions themselves. */
function isSingleFile({ parts: [lead], words }: LostThing): boolean {
  const symbols = words.map(({ symbol }) => symbol.replace(/[+ ].*$/, ''));
  const single = ['single_start', 'single_next', 'single_stop'].every((name) => symbols.includes(name));
  return single && (lead.type === undefined || lead.type.includes('seq_operations'));
}

function singleFile({ owner }: LostThing): Cause {
  const where = owner?.module === undefined ? 'the module' : owner.module;
  return {
    made: 'single_open',
    sentence: 'The file was opened with single_open() and released with seq_release(), or not at all.',
    why: 'single_open() allocates this table and only single_release() frees it: a file that is released with seq_release() leaves one behind at each close',
    next: [
      {
        command: 'kleak lint .',
        why: `in the source of ${where}: finds what opens with single_open() and is not released with single_release()`,
        risk: 'none',
      },
    ],
  };
}

/** Terminals are counted, and made by one function only. */
const TERMINAL: Cause = {
  made: 'alloc_tty_struct',
  sentence: 'They are terminals whose last reference was never dropped: tty_kref_get() without tty_kref_put().',
  why: 'a tty_struct is freed with its last reference; nothing in memory has one any more, so somebody forgot it',
  next: [
    {
      command: String.raw`grep -rn 'tty_kref_get\|tty_kref_put\|tty_port_tty_get' .`,
      why: 'in the source of the driver or line discipline: a get without a put, on error paths too',
      risk: 'none',
    },
  ],
};

const isTask = ({ parts }: LostThing): boolean =>
  parts.some(({ type, cache }) => type === 'struct task_struct' || cache === 'task_struct');

const taskReferences = ({ references, comm, tasks }: GoneTasks): Cause => ({
  sentence: `They are tasks that ended (most were called ${comm}), kept by references that were taken and never given back: get_task_struct() without put_task_struct().`,
  why: `${tasks} tasks ended, are on no list and record ${references === 1 ? 'a reference' : `${references} references`}, and no module, list or object has their address`,
  next: [
    {
      command: String.raw`grep -rn 'get_task_struct\|put_task_struct\|get_pid_task\|get_proc_task' .`,
      why: 'in the source of the modules from outside of the tree: a get without a put, on error paths too',
      risk: 'none',
    },
  ],
});

/** Dentries among them whose count says that somebody uses them. */
const pinnedDentries = ({ parts, units }: LostThing, { unbalanced }: DumpFacts): Unbalanced | undefined =>
  unbalanced.find(
    ({ cache, type, unreachable }) =>
      type === 'struct dentry' && unreachable >= units * 0.9 && parts.some((part) => part.cache === cache),
  );

const pathReferences = ({ fileSystem, recorded, found }: Unbalanced): Cause => ({
  sentence: `Their dentries are kept by references that were taken and never given back, as by path_get() without path_put().${fileSystem === 'sockfs' ? ' The sockets are closed.' : ''}`,
  why: `their dentries record ${recorded === 1 ? 'a reference' : `${recorded} references`}, and ${found === 0 ? 'none is' : `${found} are`} in memory`,
  next: [
    {
      command: 'kleak known path_get',
      why: 'what is known of path references that are not given back',
      risk: 'none',
    },
  ],
});

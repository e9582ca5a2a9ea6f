import { walkTasks, type Task } from '../../../model/kernel/tasks.ts';
import { u32Variable } from '../../../model/kernel/variables.ts';
import { Unwinder } from '../../../model/unwind/unwind.ts';
import { InputError } from '../../../sources/input-error.ts';
import type { CoreSession } from '../session.ts';

/** An open dump at a prompt: what is set stays set from one command to the next. */
export class Shell {
  readonly session: CoreSession;
  /** Numbers are shown in this base where a command does not say. */
  radix: 10 | 16 = 10;
  /** Long output goes through a pager, on a terminal. */
  scroll = true;
  #tasks: readonly Task[] | undefined;
  #taskProblems: readonly string[] = [];
  #current: Task | undefined;
  #unwinder: Unwinder | undefined;

  constructor(session: CoreSession) {
    this.session = session;
  }

  /** By pid, idle tasks first; none where the dump has no list of them. */
  get knownTasks(): readonly Task[] {
    if (this.#tasks === undefined) {
      const { value, problems } = walkTasks(this.session.kernel);
      this.#tasks = value.toSorted((a, b) => a.pid - b.pid || (a.cpu ?? 0) - (b.cpu ?? 0));
      this.#taskProblems = problems;
    }
    return this.#tasks;
  }

  /** As `knownTasks`, for what cannot do without. Throws InputError where there are none. */
  get tasks(): readonly Task[] {
    const tasks = this.knownTasks;
    if (tasks.length > 0) return tasks;
    const why = this.#taskProblems[0] ?? 'its list of tasks is empty';
    throw new InputError(this.session.kernel.file, 'no tasks are found in it', why);
  }

  get unwinder(): Unwinder {
    return (this.#unwinder ??= new Unwinder(this.session.kernel));
  }

  /** What was wrong with the lists of tasks. */
  get taskProblems(): readonly string[] {
    return this.knownTasks.length > 0 ? this.#taskProblems : [];
  }

  /** The task that commands mean where none is named: at first the one whose CPU crashed, else that of the first CPU. */
  get current(): Task {
    const active = this.tasks.filter((task) => task.active);
    const cpu = u32Variable(this.session.kernel, 'crashing_cpu');
    const first = active.find((task) => task.cpu === cpu) ?? active[0] ?? this.tasks[0];
    this.#current ??= first;
    if (this.#current) return this.#current;
    throw new InputError(this.session.kernel.file, 'no tasks are found in it', 'its list of tasks is empty');
  }

  set current(task: Task) {
    this.#current = task;
  }
}

import { bytes, isQuantity, type Bytes } from '../../base/units.ts';
import type { TextLine } from '../text/line.ts';
import type { OomTask } from './kernel-event.ts';
import { TASK_ROW } from './line-shapes.ts';
import { lineAt } from './log-line.ts';

/**
 * Rows of the task table of an out-of-memory report. The first five columns are the same in every release (pid, uid,
 * tgid, total_vm, rss in pages); what follows differs (cpu and oom_adj, nr_ptes, pgtables_bytes, rss by kind) and is
 * skipped up to the name.
 *
 * Written by mm/oom_kill.c dump_task(), 2.6.27 to 6.18.
 */
export function readTasks(lines: readonly TextLine[], pageSize: Bytes, file: string): readonly OomTask[] {
  const tasks: OomTask[] = [];
  for (const line of lines) {
    const [, pid, , , , rss, , name] = TASK_ROW.exec(line.text) ?? [];
    const held = Number(rss) * pageSize;
    if (name !== undefined && isQuantity(held)) {
      tasks.push({ pid: Number(pid), name: name.trim(), rss: bytes(held), at: lineAt(file, line) });
    }
  }
  return tasks;
}

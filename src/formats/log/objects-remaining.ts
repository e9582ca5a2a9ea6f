import type { Frame } from '../detectors/frame.ts';
import { parseFrame } from '../detectors/frame.ts';
import type { TextLine } from '../text/line.ts';
import { splitCacheName } from './cache-name.ts';
import type { KernelEvent } from './kernel-event.ts';
import { eventAt } from './log-line.ts';
import { logFrame } from './log-stack.ts';
import { taskOf } from './release-line.ts';
import { stated } from './stated.ts';

type ObjectsRemaining = Extract<KernelEvent, { kind: 'objects-remaining' }>;

/** SLUB, one per slab that still has objects. */
const BUG = /^\s*BUG (\S.{0,200}?) \((?:Not tainted|Tainted\b.{0,80})\): Objects remaining /;
/** SLAB: the name stands between a back quote and a quote. */
const SLAB_BUG = /^\s*slab error in kmem_cache_destroy\(\): cache `([^']{1,200})': Can't free all objects/;
/** Both, at the end. */
const STILL =
  /^\s*kmem_cache_destroy (\S.{0,200}?): Slab cache still has objects(?: when called from (\S+\+0x[0-9a-f]+\/0x[0-9a-f]+(?: \[[\w-]+\])?))?/;
const SLAB = /^\s*(?:INFO: )?Slab 0x[0-9a-f]+ objects=\d+ used=(\d{1,9})\b/;
const OBJECT = /^\s*(?:INFO: )?Object 0x[0-9a-f]+ @offset=\d+/;
const ALLOCATED = /^\s*(?:INFO: )?Allocated in (\S+)(?: \[[\w-]+\])? age=/;
/** The kernel's own services destroy caches for a module: it stands among so many callers. */
const DEEP = 5;
/** After so many lines that say nothing more, the incident is over. */
const STRAY = 60;

interface Open {
  readonly first: TextLine;
  readonly name: string;
  used: number;
  listed: number;
  destroyer: Frame | undefined;
  allocator: Frame | undefined;
  process: string | undefined;
  /** How many more frames may name who called kmem_cache_destroy. */
  below: number;
  closed: boolean;
  stray: number;
}

/**
 * A cache that was destroyed while objects were in use: they are lost. All lines about one destruction are one event.
 *
 * Written by mm/slub.c list_slab_objects() and __kmem_cache_shutdown() (before 3.8 kmem_cache_close()), mm/slab.c
 * slab_error(), mm/slab_common.c kmem_cache_destroy(), 2.6 to 6.18.
 */
export function readObjectsRemaining(lines: readonly TextLine[], file: string): readonly KernelEvent[] {
  const found: Open[] = [];
  let open: Open | undefined;
  for (const line of lines) {
    const still = STILL.exec(line.text);
    const name = (BUG.exec(line.text) ?? SLAB_BUG.exec(line.text) ?? still)?.[1];
    if (name !== undefined && (!open || open.name !== name || (open.closed && !still))) {
      open = openAt(line, name);
      found.push(open);
    }
    if (!open) continue;
    if (still) close(open, still[2]);
    if (name !== undefined || take(open, line.text)) open.stray = 0;
    else if (++open.stray > STRAY) open = undefined;
  }
  return found.map((incident) => toEvent(incident, file));
}

const openAt = (first: TextLine, name: string): Open => ({
  first,
  name,
  used: 0,
  listed: 0,
  destroyer: undefined,
  allocator: undefined,
  process: undefined,
  below: 0,
  closed: false,
  stray: 0,
});

function close(open: Open, caller: string | undefined): void {
  open.closed = true;
  if (caller !== undefined) open.destroyer = parseFrame(caller) ?? open.destroyer;
}

/** True where the line tells more of the incident. */
function take(open: Open, text: string): boolean {
  return takeObjects(open, text) || takeCaller(open, text);
}

function takeObjects(open: Open, text: string): boolean {
  const used = SLAB.exec(text)?.[1];
  const object = OBJECT.test(text);
  const allocated = ALLOCATED.exec(text)?.[1];
  open.used += Number(used ?? 0);
  open.listed += object ? 1 : 0;
  if (allocated !== undefined) open.allocator ??= parseFrame(allocated);
  return used !== undefined || object || allocated !== undefined;
}

function takeCaller(open: Open, text: string): boolean {
  const process = taskOf(text);
  open.process ??= process;
  const frame = text.includes('? ') || /^\s*(?:RIP|WARNING)\b/.test(text) ? undefined : logFrame(text);
  if (frame && open.below > 0) nameDestroyer(open, frame);
  if (frame && /^kmem_cache_destroy\b/.test(frame.symbol)) open.below = DEEP;
  return process !== undefined || frame !== undefined;
}

/** The first caller, unless a module's function stands beyond services of the kernel that it called. */
function nameDestroyer(open: Open, frame: Frame): void {
  const entry = /^(?:sys_|SyS_|__x64_sys_|__se_sys_|__do_sys_|do_syscall)/.test(frame.symbol);
  const known = open.destroyer !== undefined;
  if (!entry && (!known || frame.module !== undefined)) open.destroyer = frame;
  open.below = entry || frame.module !== undefined ? 0 : open.below - 1;
}

function toEvent(open: Open, file: string): ObjectsRemaining {
  const objects = Math.max(open.used, open.listed);
  return stated({
    kind: 'objects-remaining' as const,
    ...eventAt(file, open.first),
    ...splitCacheName(open.name),
    objects: objects > 0 ? objects : undefined,
    destroyer: open.destroyer,
    process: open.process,
    allocator: open.allocator,
  });
}

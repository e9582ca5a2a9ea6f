import { PLAN, type FramePlan } from './build-graph.ts';
import type { NodeSpace } from './node-space.ts';

/** A range is no smaller: a few milliseconds of reading. */
const LEAST_BYTES = 4 * 2 ** 20;
/** So many at most, each as large: whoever is done first waits no longer than for one of them. */
const MOST_RANGES = 64;

/** Frames that are read. */
export const framesToRead = ({ plan }: FramePlan): number => {
  let frames = 0;
  for (const kind of plan) if (kind !== PLAN.skip) frames++;
  return frames;
};

/**
 * Cuts the machine into ranges of which as many frames are read: range r goes from frame `bounds[r]` up to `bounds[r + 1]`.
 * None ends inside of a slab, so that what an object points to is found by one thread.
 */
export function splitFrames({ table, pageSize }: NodeSpace, frames: FramePlan): Uint32Array {
  const { plan } = frames;
  const most = Math.max(Math.ceil(framesToRead(frames) / MOST_RANGES), Math.ceil(LEAST_BYTES / pageSize));
  const bounds = [0];
  let read = 0;
  for (let frame = 0; frame < plan.length; frame++) {
    if (plan[frame] !== PLAN.skip) read++;
    if (read < most) continue;
    const slab = table.slabAt(frame);
    frame = slab === undefined ? frame : (table.frame[slab] ?? 0) + (table.pages[slab] ?? 1) - 1;
    bounds.push(frame + 1);
    read = 0;
  }
  if ((bounds.at(-1) ?? 0) < plan.length || bounds.length === 1) bounds.push(plan.length);
  return Uint32Array.from(bounds);
}

import type { CallSite } from '../model/call-site.ts';
import type { Frame } from '../model/snapshot.ts';
import { bareName, isEntry, isPassedOn, isPlumbing, isService } from './call-site-plumbing.ts';
import { subsystemOf } from './call-site-subsystem.ts';

/** Callers named beside the function. */
const CALLERS = 3;

/**
 * Who allocated: the first frame that is not the allocator's plumbing, nor a service of the core that a module asked.
 *
 * Functions that the compiler inlined count as the function they were inlined into, so that a decoded stack and a raw
 * one of the same kernel name the same function. Where all frames are plumbing it is the outermost of them.
 */
export function measureCallSite(stack: readonly Frame[]): CallSite {
  const frames = stack.filter((f) => f.inlined !== true);
  const known = frames.length > 0 ? frames : stack;
  const first = known.findIndex((f) => !isPlumbing(bareName(f.symbol)));
  const at = first < 0 ? Math.max(0, outermost(known)) : askedBy(known, first);
  const frame = known[at] ?? { symbol: '' };
  const outer = known.slice(at + 1);
  const name = bareName(frame.symbol);
  const subsystem = frame.module === undefined ? subsystemOf(frame, outer) : undefined;
  return {
    function: name === '' ? (frame.address ?? 'unknown') : name,
    frame,
    ...(frame.module === undefined ? {} : { module: frame.module }),
    ...(subsystem === undefined ? {} : { subsystem }),
    through: known.slice(0, at).map((f) => bareName(f.symbol)),
    callers: callersOf(outer, name),
    ...(known.slice(0, at + 1).some((f) => isPassedOn(bareName(f.symbol))) ? { passedOn: true as const } : {}),
  };
}

const outermost = (frames: readonly Frame[]): number => frames.findLastIndex((f) => f.symbol !== '');

/** Beyond services of the core: the frame that asked for them, if it is a module's or a driver's; else the service. */
function askedBy(frames: readonly Frame[], first: number): number {
  const beyond = frames.findIndex(
    (f, i) => i >= first && !isPlumbing(bareName(f.symbol)) && !isService(bareName(f.symbol)),
  );
  const asked = frames[beyond];
  const served = frames[first];
  if (!asked || beyond === first || served === undefined) return first;
  return isForeign(asked, served) ? beyond : first;
}

/** A module other than the service's own, or a driver's source in a decoded stack. */
const isForeign = (asked: Frame, served: Frame): boolean =>
  (asked.module !== undefined && asked.module !== served.module) ||
  /(?:^|\/)(?:drivers\/(?!base\/|tty\/tty_)|sound\/)/.test(asked.source ?? '');

function callersOf(outer: readonly Frame[], name: string): readonly string[] {
  const callers: string[] = [];
  for (const { symbol, address, module } of outer) {
    const caller = bareName(symbol);
    if (callers.length === CALLERS) break;
    if (
      caller === ''
        ? address === undefined
        : isPlumbing(caller) || isEntry(caller) || caller === (callers.at(-1) ?? name)
    )
      continue;
    callers.push(caller === '' ? `${address ?? ''}${module === undefined ? '' : ` [${module}]`}` : caller);
  }
  return callers;
}

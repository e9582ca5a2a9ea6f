import type { Kernel } from '../kernel/kernel.ts';
import { viewStruct } from '../layouts/struct-view.ts';
import { MemoryFault } from '../memory/memory-fault.ts';
import { MOST_FRAMES, type Backtrace, type Frame, type SavedRegisters, type UnwindStart } from './frame.ts';
import type { OrcEntry, OrcTables } from './orc.ts';

const HALF = 2n ** 63n;
const WHOLE = [
  'r15',
  'r14',
  'r13',
  'r12',
  'bp',
  'bx',
  'r11',
  'r10',
  'r9',
  'r8',
  'ax',
  'cx',
  'dx',
  'si',
  'di',
  'orig_ax',
];
/** What the processor itself pushes. */
const PUSHED = ['ip', 'cs', 'flags', 'sp', 'ss'];

interface State {
  readonly address: bigint;
  readonly sp: bigint;
  readonly bp: bigint;
  /** Where the return address was found. */
  readonly slot: bigint;
  readonly interrupted: boolean;
  readonly registers?: ReadonlyMap<string, bigint>;
}

/** The way back by ORC: exact, as long as its tables know the functions on it. */
export function unwindByOrc(kernel: Kernel, orc: OrcTables, start: UnwindStart): Backtrace & { readonly sp: bigint } {
  const frames: Frame[] = [];
  let state: State = { ...start, sp: start.stack, bp: start.framePointer, slot: start.shownStack };
  const seen = new Set<string>();
  const end = (problem?: string): Backtrace & { readonly sp: bigint } => ({
    how: 'ORC',
    frames,
    sp: state.sp,
    ...(problem === undefined ? {} : { problem }),
  });
  try {
    while (frames.length < MOST_FRAMES) {
      const { address, slot, interrupted } = state;
      const key = `${address} ${state.sp}`;
      if (seen.has(key)) return end('goes round in a circle');
      seen.add(key);
      const frame = { address, stack: slot, interrupted, guess: false };
      const entry = orc.find(interrupted ? address : address - 1n);
      const next = entry && step(kernel, entry, state);
      frames.push(next?.saved ? { ...frame, registers: next.saved } : frame);
      if (!entry || entry.kind === 'undefined') return end(`ORC does not know ${spell(address)}`);
      if (entry.kind === 'end' || next?.saved?.user === true) return end();
      if (!next) return end(`ORC needs a register that was not saved at ${spell(address)}`);
      state = next.state;
    }
    return end(`is deeper than ${MOST_FRAMES} frames`);
  } catch (cause) {
    if (!(cause instanceof MemoryFault)) throw cause;
    return end(cause.message);
  }
}

const spell = (address: bigint): string => address.toString(16).padStart(16, '0');

interface Step {
  readonly state: State;
  readonly saved?: SavedRegisters;
}

/** Undefined where the stack ends. */
function step(kernel: Kernel, entry: OrcEntry, state: State): Step | undefined {
  if (entry.kind === 'end' || entry.kind === 'undefined') return undefined;
  const { memory } = kernel;
  const before = previousSp(kernel, entry, state);
  if (before === undefined) return undefined;
  const saved = entry.kind === 'call' ? undefined : savedRegisters(kernel, before, entry.kind === 'partial');
  const bp = savedBp(kernel, entry, state, before, saved);
  if (!saved) {
    const slot = before - 8n;
    return { state: { address: memory.u64(slot), sp: before, bp, slot, interrupted: false } };
  }
  const of = (name: string): bigint => saved.values.get(name) ?? 0n;
  const whole = entry.kind === 'registers' ? { registers: saved.values } : {};
  return { state: { address: of('ip'), sp: of('sp'), bp, slot: of('sp'), interrupted: true, ...whole }, saved };
}

function previousSp({ memory }: Kernel, entry: OrcEntry, { sp, bp, registers }: State): bigint | undefined {
  const offset = BigInt(entry.spOffset);
  switch (entry.spRegister) {
    case 'sp':
      return sp + offset;
    case 'bp':
      return bp + offset;
    case 'sp-indirect':
      // Since 5.12 the offset counts from what is read.
      return memory.u64(sp) + offset;
    case 'bp-indirect':
      return memory.u64(bp + offset);
    case 'undefined':
    case 'previous-sp':
      return undefined;
    case 'ax':
    case 'dx':
    case 'di':
    case 'r10':
    case 'r13':
      return registers?.get(entry.spRegister);
  }
}

function savedBp(
  { memory }: Kernel,
  { bpRegister, bpOffset }: OrcEntry,
  { bp }: State,
  before: bigint,
  saved: SavedRegisters | undefined,
): bigint {
  if (bpRegister === 'previous-sp') return memory.u64(before + BigInt(bpOffset));
  if (bpRegister === 'bp') return memory.u64(bp + BigInt(bpOffset));
  return saved?.values.get('bp') ?? bp;
}

/** A struct pt_regs, or only the part of it that the processor pushed, which is its end. */
function savedRegisters({ memory, layouts }: Kernel, at: bigint, partial: boolean): SavedRegisters {
  const layout = layouts.needStruct('pt_regs');
  const start = partial ? at - BigInt(layout.need('ip').offset) : at;
  const view = viewStruct(memory, layouts, layout, start);
  const names = partial ? PUSHED : [...WHOLE, ...PUSHED];
  const values = new Map(names.filter((name) => view.has(name)).map((name) => [name, view.u64(name)]));
  return { values, user: ((values.get('cs') ?? 0n) & 3n) === 3n || (values.get('ip') ?? 0n) < HALF };
}

/** The way back by frame pointers, of kernels that keep them (CONFIG_UNWINDER_FRAME_POINTER). */
export function unwindByBp(kernel: Kernel, start: UnwindStart, isReturn: (address: bigint) => boolean): Backtrace {
  const { memory } = kernel;
  const { address, shownStack, interrupted } = start;
  const frames: Frame[] = [{ address, stack: shownStack, interrupted, guess: false }];
  const how = 'frame pointers';
  try {
    for (let bp = start.framePointer; frames.length < MOST_FRAMES;) {
      // Where the kernel is entered, the lowest bit marks a pointer to the saved registers (4.9, commit 946c191161ce).
      const isEntry = (bp & 1n) === 1n;
      const next = isEntry ? crossEntry(kernel, frames, bp - 1n) : memory.u64(bp);
      const back = isEntry ? undefined : memory.u64(bp + 8n);
      if (back !== undefined && !isReturn(back))
        return { how, frames, problem: `no return address at ${spell(bp + 8n)}` };
      if (back !== undefined) frames.push({ address: back, stack: bp + 8n, interrupted: false, guess: false });
      // Frames lie above those that they called; what was interrupted may lie on another stack.
      if (next === undefined || (!isEntry && next <= bp)) return { how, frames };
      bp = next;
    }
    return { how, frames, problem: `is deeper than ${MOST_FRAMES} frames` };
  } catch (cause) {
    if (!(cause instanceof MemoryFault)) throw cause;
    return { how, frames, problem: cause.message };
  }
}

/** Adds what was saved there to the last frame, and the place that was interrupted; undefined where that is no kernel. */
function crossEntry(kernel: Kernel, frames: Frame[], registersAt: bigint): bigint | undefined {
  const registers = savedRegisters(kernel, registersAt, false);
  const of = (name: string): bigint => registers.values.get(name) ?? 0n;
  // Threads of the kernel have none of a program: zeros.
  if (of('ip') === 0n) return undefined;
  const last = frames.pop();
  if (last) frames.push({ ...last, registers });
  if (registers.user) return undefined;
  frames.push({ address: of('ip'), stack: of('sp'), interrupted: true, guess: false });
  return of('bp');
}

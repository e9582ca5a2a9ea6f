import type { Kernel } from '../kernel/kernel.ts';
import { viewStruct } from '../layouts/struct-view.ts';
import { MemoryFault } from '../memory/memory-fault.ts';
import { MOST_FRAMES, type Backtrace, type Frame, type SavedRegisters, type UnwindStart } from './frame.ts';
import type { OrcEntry, OrcTables } from './orc.ts';

/** ORC_REG_… (arch/x86/include/asm/orc_types.h). */
const PREVIOUS_SP = 1;
const [DX, DI, BP, SP, R10, R13, BP_INDIRECT, SP_INDIRECT] = [2, 3, 4, 5, 6, 7, 8, 9] as const;
const KEPT: ReadonlyMap<number, string> = new Map([
  [DX, 'dx'],
  [DI, 'di'],
  [R10, 'r10'],
  [R13, 'r13'],
]);
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
      if (!next || next.saved?.user === true) return end();
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
  const { spRegister } = entry;
  if (spRegister === SP) return sp + offset;
  if (spRegister === BP) return bp + offset;
  // Since 5.12 the offset counts from what is read.
  if (spRegister === SP_INDIRECT) return memory.u64(sp) + offset;
  if (spRegister === BP_INDIRECT) return memory.u64(bp + offset);
  const kept = registers?.get(KEPT.get(spRegister) ?? '');
  return kept === undefined ? undefined : kept + offset;
}

function savedBp(
  { memory }: Kernel,
  { bpRegister, bpOffset }: OrcEntry,
  { bp }: State,
  before: bigint,
  saved: SavedRegisters | undefined,
): bigint {
  if (bpRegister === PREVIOUS_SP) return memory.u64(before + BigInt(bpOffset));
  if (bpRegister === BP) return memory.u64(bp + BigInt(bpOffset));
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
export function unwindByBp({ memory }: Kernel, start: UnwindStart, isReturn: (address: bigint) => boolean): Backtrace {
  const frames: Frame[] = [
    { address: start.address, stack: start.shownStack, interrupted: start.interrupted, guess: false },
  ];
  const how = 'frame pointers';
  try {
    for (let bp = start.framePointer; frames.length < MOST_FRAMES;) {
      const [next, address] = [memory.u64(bp), memory.u64(bp + 8n)];
      if (!isReturn(address)) return { how, frames, problem: `no return address at ${spell(bp + 8n)}` };
      frames.push({ address, stack: bp + 8n, interrupted: false, guess: false });
      if (next <= bp) return { how, frames };
      bp = next;
    }
    return { how, frames, problem: `is deeper than ${MOST_FRAMES} frames` };
  } catch (cause) {
    if (!(cause instanceof MemoryFault)) throw cause;
    return { how, frames, problem: cause.message };
  }
}

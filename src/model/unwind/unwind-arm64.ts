import type { Kernel } from '../kernel/kernel.ts';
import { viewStruct } from '../layouts/struct-view.ts';
import { ifThere, MemoryFault } from '../memory/memory-fault.ts';
import { MOST_FRAMES, type Backtrace, type Frame, type SavedRegisters, type UnwindStart } from './frame.ts';

/** PSTATE.M: 0 is EL0, where programs run. */
const MODE = 0xfn;

/** arm64 kernels always keep frame pointers: a record of two words, the next record and the address to return to. */
export function unwindArm64(kernel: Kernel, start: UnwindStart): Backtrace {
  const { memory } = kernel;
  const how = 'frame pointers';
  const plain = withoutSignature(kernel);
  const frames: Frame[] = [];
  const push = (address: bigint, stack: bigint, interrupted = false): void => {
    frames.push({ address: plain(address), stack, interrupted, guess: false });
  };
  push(start.address, start.shownStack, start.interrupted);
  const seen = new Set<bigint>();
  try {
    for (let at = start.framePointer; frames.length < MOST_FRAMES;) {
      if (seen.has(at)) return { how, frames, problem: 'goes round in a circle' };
      seen.add(at);
      const [next, address] = [memory.u64(at), memory.u64(at + 8n)];
      if (address !== 0n) push(address, at);
      if (address === 0n || next === 0n) return { how, frames: withSaved(frames, savedRegisters(kernel, at)) };
      at = next;
    }
    return { how, frames, problem: `is deeper than ${MOST_FRAMES} frames` };
  } catch (cause) {
    if (!(cause instanceof MemoryFault)) throw cause;
    return { how, frames, problem: cause.message };
  }
}

const withSaved = (frames: readonly Frame[], registers: SavedRegisters | undefined): readonly Frame[] =>
  frames.map((frame, i) => (registers && i === frames.length - 1 ? { ...frame, registers } : frame));

/** Return addresses are signed in the bits that no kernel address uses (5.7, commit 74afda4016a7). */
function withoutSignature({ info }: Kernel): (address: bigint) => bigint {
  const mask = BigInt.asUintN(64, info.numbers.get('KERNELPACMASK') ?? 0n);
  return (address) => (mask !== 0n && (address >> 55n) % 2n === 1n ? address | mask : address);
}

/** The last record lies in the struct pt_regs that was saved when a program entered the kernel. */
function savedRegisters({ memory, layouts }: Kernel, record: bigint): SavedRegisters | undefined {
  const layout = layouts.struct('pt_regs');
  const within = layout?.member('stackframe');
  if (!layout || !within) return undefined;
  return ifThere(() => {
    const view = viewStruct(memory, layouts, layout, record - BigInt(within.offset));
    const names = ['pc', 'sp', 'pstate', ...Array.from({ length: 31 }, (_, i) => `regs[${i}]`)];
    const values = new Map(names.filter((name) => view.has(name)).map((name) => [name, view.u64(name)]));
    const user = ((values.get('pstate') ?? 1n) & MODE) === 0n && (values.get('pc') ?? 0n) !== 0n;
    return user ? { values, user } : undefined;
  });
}

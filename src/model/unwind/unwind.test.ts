import { describe, expect, it } from 'vitest';
import { BtfWriter } from '../../../testkit/btf/btf-writer.ts';
import { MADE_BASE, MadeKernel, type MadeTypes } from '../../../testkit/made-kernel.ts';
import { openBtf } from '../../formats/btf/btf.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Task } from '../kernel/tasks.ts';
import { Layouts } from '../layouts/layouts.ts';
import { Unwinder } from './unwind.ts';

const REGISTERS = 'r15 r14 r13 r12 bp bx r11 r10 r9 r8 ax cx dx si di orig_ax ip cs flags sp ss'.split(' ');
const TYPES: MadeTypes = {
  inactive_task_frame: { r15: [0, 'long'], bp: [8, 'long'], ret_addr: [16, 'long'] },
  thread_struct: { sp: [0, 'pointer'] },
  task_struct: { thread: [0, 'thread_struct'] },
  pt_regs: Object.fromEntries(REGISTERS.map((name, i) => [name, [i * 8, 'long'] as const])),
};

const at = (offset: number): bigint => MADE_BASE + BigInt(offset);
const TASK = at(0x100);
const STACK = at(0x4000);
const STACK_BYTES = 0x4000;
/** Functions of 0x100 bytes each. */
const TEXT = at(0x1000);
const NAMES = ['schedule', 'wait', 'do_call', 'entry', 'interrupted', 'handler', 'asm_handler', 'fork'] as const;
type Name = (typeof NAMES)[number];
const fn = (name: Name): bigint => TEXT + BigInt(NAMES.indexOf(name) * 0x100);
/** Where a call in a function returns to. */
const after = (name: Name): bigint => fn(name) + 0x20n;

const CALL = 2;
const [OLD_SP, NEW_SP] = [5, 3];

interface Entry {
  readonly sp: readonly [register: number, offset: number];
  readonly bp?: readonly [register: number, offset: number];
  readonly type?: number;
}

function orcTypes(typeBits: number): Uint8Array {
  const writer = new BtfWriter();
  const [short, word] = [writer.int('short', 2, 1), writer.int('unsigned int', 4)];
  const bits = (
    name: string,
    bitOffset: number,
    bitSize: number,
  ): { name: string; type: number; bitOffset: number; bitSize: number } => ({
    name,
    type: word,
    bitOffset,
    bitSize,
  });
  writer.struct('orc_entry', 6, [
    { name: 'sp_offset', type: short, bitOffset: 0 },
    { name: 'bp_offset', type: short, bitOffset: 16 },
    bits('sp_reg', 32, 4),
    bits('bp_reg', 36, 4),
    bits('type', 40, typeBits),
    ...(typeBits === 2 ? [bits('end', 42, 1)] : [bits('signal', 43, 1)]),
  ]);
  return writer.bytes();
}

/** A kernel of the functions above; without entries it keeps frame pointers. */
function made(entries?: Partial<Record<Name, Entry>>, typeBits = 3): MadeKernel & { open: Kernel } {
  const kernel = new MadeKernel(9, TYPES);
  kernel.symbols.set('__start_init_task', STACK).set('__end_init_task', STACK + BigInt(STACK_BYTES));
  // A call before each place that is returned to.
  for (const name of NAMES) kernel.bytes[Number(after(name) - MADE_BASE) - 5] = 0xe8;
  if (entries) writeOrc(kernel, entries);
  const graphs = [...kernel.kernel.layouts.graphs, openBtf(orcTypes(typeBits), 'made').value];
  const symbols = {
    ...kernel.kernel.symbols,
    at(address: bigint) {
      const i = Number((address - TEXT) / 0x100n);
      const name = address < TEXT ? undefined : NAMES[i];
      return name && { name, address: fn(name), letter: 't', offset: Number(address - fn(name)) };
    },
  };
  return Object.assign(kernel, { open: { ...kernel.kernel, layouts: new Layouts(graphs), symbols } });
}

function writeOrc(kernel: MadeKernel, entries: Partial<Record<Name, Entry>>): void {
  const [places, table] = [0x300, 0x340];
  kernel.symbols
    .set('__start_orc_unwind_ip', at(places))
    .set('__stop_orc_unwind_ip', at(places + NAMES.length * 4))
    .set('__start_orc_unwind', at(table))
    .set('_einittext', TEXT + 0x1000n);
  for (const [i, name] of NAMES.entries()) {
    kernel.view.setInt32(places + i * 4, Number(fn(name) - at(places + i * 4)), true);
    const { sp, bp = [0, 0], type = CALL } = entries[name] ?? { sp: [0, 0], type: 0 };
    kernel.view.setInt16(table + i * 6, sp[1], true);
    kernel.view.setInt16(table + i * 6 + 2, bp[1], true);
    kernel.bytes[table + i * 6 + 4] = sp[0] | (bp[0] << 4);
    kernel.bytes[table + i * 6 + 5] = type;
  }
}

const task = (active = false): Task => ({
  address: TASK,
  pid: 7,
  tgid: 7,
  comm: 'made',
  state: 'S',
  active,
  kernelThread: false,
  stack: STACK,
  mm: 0n,
  activeMm: 0n,
});

/** Words on the stack, from the top of it down to where the task sleeps: `offset: value`. */
function sleep(kernel: MadeKernel, sp: number, words: Readonly<Record<number, bigint>>): void {
  kernel.put(TASK, STACK + BigInt(sp));
  for (const [offset, value] of Object.entries(words)) kernel.put(STACK + BigInt(offset), value);
}

const names = (kernel: Kernel, frames: readonly { readonly address: bigint; readonly guess: boolean }[]): string[] =>
  frames.map(({ address, guess }) => `${guess ? '? ' : ''}${kernel.symbols.at(address - 1n)?.name ?? '-'}`);

/** pt_regs on the stack from `start` on. */
const saved = (start: number, values: Readonly<Record<string, bigint>>): Record<number, bigint> =>
  Object.fromEntries(REGISTERS.map((name, i) => [start + i * 8, values[name] ?? 0n]));

describe('a stack with ORC', () => {
  const entries = (sp: number, previous: number): Partial<Record<Name, Entry>> => ({
    schedule: { sp: [sp, 24], bp: [previous, -16] },
    wait: { sp: [4, 16], bp: [previous, -16] },
    do_call: { sp: [sp, 8] },
    entry: { sp: [sp, 0], type: 3 },
    fork: { sp: [sp, 8] },
  });
  const words = {
    0x3e00: 0n,
    0x3e08: STACK + 0x3e80n,
    0x3e10: after('schedule'),
    0x3e20: STACK + 0x3e80n,
    0x3e28: after('wait'),
    // `wait` counts from its frame pointer.
    0x3e80: 0n,
    0x3e88: after('do_call'),
    0x3e90: after('entry'),
    ...saved(0x3e98, { ip: 0x401000n, cs: 0x33n, sp: 0x7ffdn, ax: 5n }),
  };

  it.each([
    ['of 4.14 and newer', OLD_SP, 1],
    ['of the newest', NEW_SP, 8],
  ])('is followed to where a program entered the kernel, by the registers %s', (_, sp, previous) => {
    const kernel = made(entries(sp, previous));
    sleep(kernel, 0x3e00, words);
    const { how, frames, problem } = new Unwinder(kernel.open).unwind(task());
    expect([how, problem]).toEqual(['ORC', undefined]);
    expect(names(kernel.open, frames)).toEqual(['schedule', 'wait', 'do_call', 'entry']);
    expect(frames.map(({ stack }) => Number(stack - STACK))).toEqual([0x3e10, 0x3e28, 0x3e88, 0x3e90]);
    expect(frames[3]?.registers).toMatchObject({ user: true });
    expect(frames[3]?.registers?.values.get('ip')).toBe(0x401000n);
  });

  it('of kernels before 6.4 says by a bit where it ends', () => {
    const old: Partial<Record<Name, Entry>> = {
      schedule: { sp: [OLD_SP, 24], type: 0 },
      fork: { sp: [0, 0], type: 4 },
    };
    const kernel = made(old, 2);
    sleep(kernel, 0x3f00, { 0x3f10: after('schedule'), 0x3f28: after('fork') });
    const { frames, problem } = new Unwinder(kernel.open).unwind(task());
    expect([names(kernel.open, frames), problem]).toEqual([['schedule', 'fork'], undefined]);
  });

  it('goes on behind an interrupt, at the very place that was interrupted', () => {
    const kernel = made({
      ...entries(OLD_SP, 1),
      handler: { sp: [OLD_SP, 8] },
      asm_handler: { sp: [OLD_SP, 0], type: 3 },
      interrupted: { sp: [OLD_SP, 16] },
      fork: { sp: [0, 0], type: 1 },
    });
    const place = fn('interrupted');
    sleep(kernel, 0, {
      0x3d00: after('asm_handler'),
      ...saved(0x3d08, { ip: place, cs: 0x10n, sp: STACK + 0x3e00n }),
      0x3e08: after('fork'),
    });
    const running = { rip: fn('handler'), rsp: STACK + 0x3d00n, rbp: 0n };
    const { frames, problem } = new Unwinder(kernel.open).unwind(task(true), running);
    expect(problem).toBeUndefined();
    expect(frames.map(({ address }) => address)).toEqual([fn('handler'), after('asm_handler'), place, after('fork')]);
    expect(frames.map(({ interrupted }) => interrupted)).toEqual([true, false, true, false]);
    expect(frames[1]?.registers?.user).toBe(false);
  });

  it('that ORC loses is guessed from there on, and says so', () => {
    const kernel = made({ ...entries(OLD_SP, 1), wait: { sp: [0, 0], type: 0 } });
    sleep(kernel, 0x3e00, { ...words, 0x3f80: after('fork'), 0x3f88: fn('fork') + 0x50n });
    const { how, frames, problem } = new Unwinder(kernel.open).unwind(task());
    expect(how).toBe('ORC, then a guess');
    expect(problem).toMatch(/^ORC does not know ffff8880/);
    expect(names(kernel.open, frames)).toEqual(['schedule', 'wait', '? do_call', '? entry', '? fork']);
  });

  it('that goes round ends', () => {
    const kernel = made({ schedule: { sp: [OLD_SP, 8] }, wait: { sp: [4, 16] } });
    sleep(kernel, 0x3e00, { 0x3e08: STACK + 0x3e10n, 0x3e10: after('schedule'), 0x3e18: after('wait') });
    expect(new Unwinder(kernel.open).unwind(task()).frames.length).toBeLessThan(10);
  });

  it('that the dump lacks is nothing, and says so', () => {
    const kernel = made(entries(OLD_SP, 1));
    kernel.put(TASK, 0x1234n);
    expect(new Unwinder(kernel.open).unwind(task())).toEqual({
      how: 'nothing',
      frames: [],
      problem: 'the dump does not say where it was',
    });
  });
});

describe('a stack with frame pointers', () => {
  it('is followed to the registers that were saved', () => {
    const kernel = made();
    sleep(kernel, 0x3e00, {
      0x3e08: STACK + 0x3e40n,
      0x3e10: after('schedule'),
      0x3e40: STACK + 0x3e80n,
      0x3e48: after('wait'),
      0x3e80: STACK + 0x3f01n,
      0x3e88: after('entry'),
      ...saved(0x3f00, { ip: 0x401000n, cs: 0x33n }),
    });
    const { how, frames, problem } = new Unwinder(kernel.open).unwind(task());
    expect([how, problem]).toEqual(['frame pointers', undefined]);
    expect(names(kernel.open, frames)).toEqual(['schedule', 'wait', 'entry']);
    expect(frames[2]?.registers?.values.get('ip')).toBe(0x401000n);
  });

  it('ends in a thread of the kernel without registers', () => {
    const kernel = made();
    sleep(kernel, 0x3e00, {
      0x3e08: STACK + 0x3e40n,
      0x3e10: after('schedule'),
      0x3e40: STACK + 0x3f01n,
      0x3e48: after('fork'),
    });
    const { frames, problem } = new Unwinder(kernel.open).unwind(task());
    expect([names(kernel.open, frames), problem]).toEqual([['schedule', 'fork'], undefined]);
    expect(frames[1]?.registers).toBeUndefined();
  });
});

describe('a running task', () => {
  it('in a program has the registers of that', () => {
    const kernel = made();
    const { how, frames } = new Unwinder(kernel.open).unwind(task(true), { rip: 0x401000n, rsp: 0x7ffdn, rax: 3n });
    expect(how).toBe('registers');
    expect(frames[0]?.registers?.values.get('ax')).toBe(3n);
  });
});

describe('a scan', () => {
  it('finds what a call returns to, and nothing else', () => {
    const kernel = made();
    sleep(kernel, 0x3e00, {
      0x3e10: 0n,
      0x3f00: after('wait'),
      0x3f08: fn('wait'),
      0x3f10: TEXT - 8n,
      0x3f18: after('fork'),
    });
    const { frames } = new Unwinder(kernel.open).scan(task());
    expect(names(kernel.open, frames)).toEqual(['? wait', '? fork']);
  });
});

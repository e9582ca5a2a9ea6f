import { describe, expect, it } from 'vitest';
import { MADE_BASE, MadeKernel } from '../../../testkit/made-kernel.ts';
import type { Task } from '../../model/kernel/tasks.ts';
import type { VmallocArea } from '../../model/kernel/vmalloc.ts';
import { PLAN } from './build-graph.ts';
import { leaveIdleStacks } from './idle-stacks.ts';
import { spentSlots } from './spent-slots.ts';

const TYPES = {
  callback_head: { next: [0, 'pointer'], func: [8, 'pointer'] },
  vm_struct: { next: [0, 'pointer'], addr: [8, 'pointer'] },
  vm_stack: { rcu: [0, 'callback_head'], stack_vm_area: [16, 'pointer'] },
  napi_alloc_cache: { skb_count: [0, 'u32'], skb_cache: [8, 'long[4]'] },
} as const;
const at = (frame: number): bigint => MADE_BASE + BigInt(frame * 4096);
const [NEXT, AREA, FREE] = [at(14), at(15), 0xffffffff81000100n];

/** Four areas of two pages, from frame 2 on. A task runs on the first, the second is cached, the third waits for RCU. */
function stacks(): { readonly left: readonly number[]; readonly held: readonly bigint[] } {
  const made = new MadeKernel(16, TYPES);
  made.symbols.set('cached_stacks', at(0));
  made.symbols.set('thread_stack_free_rcu', FREE);
  made.put(at(0), at(1));
  made.put(at(1) + 8n, at(4));
  for (const frame of [2, 6]) {
    made.put(at(frame), NEXT);
    made.put(at(frame) + 8n, FREE);
    made.put(at(frame) + 16n, AREA);
  }
  const areas = [2, 4, 6, 8].map((frame): VmallocArea => ({
    start: at(frame),
    size: 12_288,
    use: 'vmalloc',
    pages: 2,
    owns: true,
  }));
  const plan = new Uint8Array(16).fill(PLAN.root);
  const task: Pick<Task, 'stack'> = { stack: at(2) };
  const held = leaveIdleStacks(made.kernel, areas, [task], plan);
  return { held, left: [...plan].flatMap((kind, frame) => (kind === PLAN.skip ? [frame] : [])) };
}

describe('what is left over', () => {
  it('in stacks that CPUs keep, or that wait for RCU, holds nothing; stacks of tasks stay, listed or not', () => {
    expect(stacks().left).toEqual([4, 5, 6, 7]);
  });

  it('in stacks that wait for RCU is the way to what waits behind them', () => {
    expect(stacks().held).toEqual([NEXT, AREA]);
  });

  it('in slots of network buffers behind their count is none of the kept', () => {
    const made = new MadeKernel(2, TYPES);
    expect(spentSlots(made.kernel)).toEqual([]);
    made.symbols.set('napi_alloc_cache', at(1));
    made.put32(at(1), 3);
    expect(spentSlots(made.kernel)).toEqual([4096 + 8 + 24]);
    made.put32(at(1), 0xffffffff);
    expect(spentSlots(made.kernel)).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { exerciseFormat, readBlock } from '../../../testkit/exercise-format.ts';
import { memleak } from './memleak.ts';

const python = `Attaching to kernel allocators, Ctrl+C to quit.
[14:14:08] Top 1 stacks with outstanding allocations:
\t4096 bytes in 1 allocations from stack
\t\t__kmalloc+0x220 [kernel]
\t\tfoo_fill+0x104 [foo]
[14:14:13] Top 2 stacks with outstanding allocations:
\t2621440 bytes in 640 allocations from stack
\t\t__kmalloc+0x220 [kernel]
\t\t__kmalloc+0x220 [kernel]
\t\tfoo_fill+0x104 [foo]
\t\tusb_submit_urb+0x300 [kernel]
\t576 bytes in 3 allocations from stack
\t\tpcpu_alloc+0x3d8 [kernel]
\t\t0xffffffe1294db528      [unknown]
`;
const libbpf = `using page size: 4096

6 stacks with outstanding allocations:
584 bytes in 2 allocations from stack
\taddr = 0xffff8d77ccd43478 size = 292
\t  0 [<ffffffffa07b8718>] kmem_cache_alloc_noprof+0x1e8
\t  1 [<ffffffffa07b8718>] kmem_cache_alloc_noprof+0x1e8
\t  2 [<ffffffffc0893074>] foo_init+0x64
`;

describe('memleak', () => {
  it('reads the last round, the allocator once, and the kernel’s own functions without a module', () => {
    const { value, problems } = readBlock(memleak, python, 'memleak');
    expect(problems).toEqual([]);
    expect(value).toMatchObject({ detector: 'memleak', entries: 643 });
    expect(value.groups).toMatchObject([
      {
        count: 640,
        bytes: 2_621_440,
        area: 'slab',
        stack: [{ symbol: '__kmalloc' }, { symbol: 'foo_fill', module: 'foo' }, { symbol: 'usb_submit_urb' }],
      },
      { count: 3, bytes: 576, area: 'percpu', stack: [{ symbol: 'pcpu_alloc' }, { address: '0xffffffe1294db528' }] },
    ]);
    expect(value.groups[0]?.stack[0]).not.toHaveProperty('module');
  });

  it('reads numbered frames with addresses', () => {
    const from = libbpf.slice(libbpf.indexOf('6 stacks'));
    expect(readBlock(memleak, from, 'memleak').value.groups).toMatchObject([
      { count: 2, bytes: 584, stack: [{ symbol: 'kmem_cache_alloc_noprof' }, { symbol: 'foo_init' }] },
    ]);
  });

  it('leaves out the stacks of programs, and says so', () => {
    const program =
      '4 bytes in 1 allocations from stack\n\t0 [<00007f05944c098c>] _Znwm+0x1c [/usr/lib/libstdc++.so.6]\n\t1 [<0000558508caa1bb>] main+0x25 [/root/a.out]\n';
    expect(() => readBlock(memleak, program, 'memleak')).toThrow(/no stack of the kernel/);
    expect(readBlock(memleak, python + program, 'memleak').problems).toMatchObject([
      { problem: 'memleak: left out stacks of programs: 1' },
    ]);
  });

  exerciseFormat(memleak, python);
});

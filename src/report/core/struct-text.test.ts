import { describe, expect, it } from 'vitest';
import type { CoreLayout, CoreStruct } from '../../findings/core/core-struct.ts';
import { renderLayout, renderStruct } from './struct-text.ts';

const pointer = (value: string, more: object = {}) => ({ kind: 'pointer', value, ...more }) as const;

const cache: CoreStruct = {
  type: 'struct kmem_cache',
  address: 'ffff888000001000',
  size: 64,
  members: [
    { name: 'cpu_slab', type: 'struct kmem_cache_cpu *', offset: 0, value: pointer('0000000000034f60') },
    { name: 'size', type: 'unsigned int', offset: 8, value: { kind: 'number', value: 32 } },
    { name: 'random', type: 'unsigned long', offset: 16, value: { kind: 'number', value: '8872140181841531732' } },
    { name: 'ctor', type: 'void (*)(void *)', offset: 24, value: pointer('ffffffff81000010', { symbol: '_text+16' }) },
    {
      name: 'name',
      type: 'const char *',
      offset: 32,
      value: pointer('ffffffff82000000', { text: 'a "quoted"\n\u001b[31m' }),
    },
    {
      name: '',
      type: 'union {...}',
      offset: 40,
      value: {
        kind: 'struct',
        members: [
          { name: 'on', type: 'bool', offset: 40, value: { kind: 'bool', value: true } },
          { name: 'state', type: 'enum state', offset: 40, value: { kind: 'enum', value: 3, constant: 'FULL' } },
          { name: 'odd', type: 'enum state', offset: 40, value: { kind: 'enum', value: 9 } },
          { name: 'lock', type: 'struct lock', offset: 40, value: { kind: 'struct', members: [] } },
        ],
      },
    },
    {
      name: 'links',
      type: 'struct hlist_node [2]',
      offset: 48,
      value: {
        kind: 'array',
        count: 2,
        elements: [
          {
            times: 2,
            value: {
              kind: 'struct',
              members: [{ name: 'next', type: 'struct hlist_node *', offset: 48, value: pointer('0000000000000000') }],
            },
          },
        ],
      },
    },
    {
      name: 'bits',
      type: 'unsigned long [128]',
      offset: 56,
      value: {
        kind: 'array',
        count: 128,
        elements: [{ value: { kind: 'number', value: 1 } }, { times: 20, value: { kind: 'number', value: 0 } }],
      },
    },
    { name: 'label', type: 'char [8]', offset: 58, value: { kind: 'text', text: 'x' } },
    { name: 'gone', type: 'int', offset: 60, value: { kind: 'unreadable', because: '0 is not mapped' } },
    { name: 'ratio', type: 'double', offset: 60, value: { kind: 'bytes', bytes: '00f03f' } },
    { name: 'tail', type: 'long []', offset: 64, value: { kind: 'place', value: 'ffff888000001040' } },
  ],
};

describe('a struct as text', () => {
  it('looks as crash prints it', () => {
    expect(renderStruct(cache)).toBe(`struct kmem_cache {
  cpu_slab = 0x34f60,
  size = 32,
  random = 8872140181841531732,
  ctor = 0xffffffff81000010 <_text+16>,
  name = 0xffffffff82000000 "a \\"quoted\\"\\x0a\\x1b[31m",
  {
    on = true,
    state = FULL,
    odd = 9,
    lock = {}
  },
  links = {{
      next = 0x0
    }, {
      next = 0x0
    }},
  bits = {1, 0 <repeats 20 times>...},
  label = "x",
  gone = <unreadable: 0 is not mapped>,
  ratio = <bytes 00f03f>,
  tail = 0xffff888000001040
}
`);
  });

  it('may have its numbers in hexadecimal', () => {
    const negative = { name: 'n', type: 'int', offset: 0, value: { kind: 'number', value: -32 } } as const;
    const text = renderStruct({ ...cache, members: [...cache.members.slice(1, 3), negative] }, { hex: true });
    expect(text).toBe('struct kmem_cache {\n  size = 0x20,\n  random = 0x7b202c7d20225354,\n  n = -0x20\n}\n');
  });
});

describe('a layout as text', () => {
  const slab: CoreLayout = {
    type: 'struct slab',
    kind: 'struct',
    size: 64,
    members: [
      { name: '__page_flags', declaration: 'unsigned long __page_flags', offset: 0 },
      {
        name: '',
        declaration: 'union {...}',
        offset: 8,
        inside: {
          kind: 'union',
          members: [
            { name: 'slab_list', declaration: 'struct list_head slab_list', offset: 8 },
            {
              name: 'named',
              declaration: 'struct {...} named',
              offset: 8,
              inside: {
                kind: 'struct',
                members: [
                  { name: 'inuse', declaration: 'unsigned int inuse : 16', offset: 16, bitOffset: 0, bitSize: 16 },
                ],
              },
            },
          ],
        },
      },
    ],
  };

  it('has offsets before the members, and the size below', () => {
    expect(renderLayout(slab)).toBe(`struct slab {
   [0] unsigned long __page_flags;
       union {
   [8]     struct list_head slab_list;
           struct {
  [16]         unsigned int inuse : 16;
   [8]     } named;
       };
}
SIZE: 64
`);
  });

  it('says of a typedef what it stands for', () => {
    const members = [{ name: 'counter', declaration: 'int counter', offset: 0 }];
    expect(renderLayout({ type: 'atomic_t', kind: 'struct', size: 4, members })).toBe(
      'typedef struct {\n  [0] int counter;\n} atomic_t;\nSIZE: 4\n',
    );
  });
});

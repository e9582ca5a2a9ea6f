import { describe, expect, it } from 'vitest';
import { MADE_BASE, MadeKernel } from '../../../testkit/made-kernel.ts';
import { Layouts } from '../../model/layouts/layouts.ts';
import { MemoryFault } from '../../model/memory/memory-fault.ts';
import { InputError } from '../../sources/input-error.ts';
import { coreLayout, coreStruct } from './struct.ts';

const made = new MadeKernel(2, {
  list_head: { next: [0, 'pointer'], prev: [8, 'pointer'] },
  thing: {
    count: [0, 'u32'],
    mask: [8, 'long'],
    list: [16, 'list'],
    label: [32, 'char[16]'],
    tasks: [48, 'list_head'],
  },
});
const AT = MADE_BASE + 64n;
made.symbols.set('a_thing', AT);
made.put32(AT, 7);
made.put(AT + 8n, 2n ** 60n);
made.put(AT + 16n, AT + 16n);
made.bytes.set(Buffer.from('hello'), 64 + 32);

describe('kleak core struct', () => {
  it('decodes a struct where a symbol is, numbers as exact as JSON allows', () => {
    const { type, address, size, members } = coreStruct(made.kernel, 'struct thing', 'a_thing');
    expect({ type, address, size }).toEqual({ type: 'struct thing', address: 'ffff888000000040', size: 64 });
    expect(members.map(({ name, offset, value }) => [name, offset, value]).slice(0, 2)).toEqual([
      ['count', 0, { kind: 'number', value: 7 }],
      ['mask', 8, { kind: 'number', value: '1152921504606846976' }],
    ]);
    expect(members[3]?.value).toEqual({ kind: 'text', text: 'hello' });
  });

  it('decodes members by path', () => {
    const { members } = coreStruct(made.kernel, 'thing.count,tasks.next', 'ffff888000000040');
    expect(members).toEqual([
      { name: 'count', type: 'unsigned int', offset: 0, value: { kind: 'number', value: 7 } },
      expect.objectContaining({
        name: 'tasks.next',
        offset: 48,
        value: { kind: 'pointer', value: '0000000000000000' },
      }),
    ]);
  });

  it('describes a layout', () => {
    expect(coreLayout(made.kernel, 'thing.mask')).toMatchObject({
      type: 'struct thing',
      size: 64,
      members: [{ name: 'mask', offset: 8 }],
    });
  });

  it('says in a line what is missing', () => {
    const nowhere = { ...made.kernel, layouts: new Layouts([]) };
    expect(() => coreLayout(made.kernel, 'nothing')).toThrow(
      'made: its types have no struct nothing; is it spelled as',
    );
    expect(() => coreLayout(made.kernel, 'thing.other')).toThrow(/made: thing has no member other; kleak core struct/);
    expect(() => coreLayout(nowhere, 'thing')).toThrow('made: holds no types; give --symbols');
    expect(() => coreStruct(made.kernel, 'thing', 'no_symbol')).toThrow(InputError);
    expect(() => coreStruct(made.kernel, 'thing', '1000')).toThrow(MemoryFault);
  });
});

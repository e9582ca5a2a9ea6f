import { describe, expect, it } from 'vitest';
import { parseFrame } from './frame.ts';

describe('parseFrame', () => {
  it.each([
    ['    [<ffffffff81189293>] foo+0x1/0x2 [mod]', { symbol: 'foo', module: 'mod', address: 'ffffffff81189293' }],
    ['    [<(____ptrval____)>] foo.isra.0+0x1/0x2', { symbol: 'foo.isra.0' }],
    [
      'kmalloc include/linux/slab.h:557 [inline]',
      { symbol: 'kmalloc', source: 'include/linux/slab.h:557', inlined: true },
    ],
    ['[<3f017d58>] 0x3f017d58', { symbol: '', address: '0x3f017d58' }],
    ['foo (drivers/x/y.c:31 (discriminator 2)) mod', { symbol: 'foo', source: 'drivers/x/y.c:31', module: 'mod' }],
  ])('reads %s', (text, frame) => {
    expect(parseFrame(text)).toEqual(frame);
  });

  it('takes neither the end mark of old kernels nor endless lines for a frame', () => {
    expect(parseFrame('[<ffffffffffffffff>] 0xffffffffffffffff')).toBeUndefined();
    expect(parseFrame(`${' '.repeat(1_000_000)}foo`)).toBeUndefined();
  });
});

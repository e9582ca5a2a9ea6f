import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exerciseFormat, fixture, readBlock } from '../../../testkit/exercise-format.ts';
import { cleanLines } from '../text/line.ts';
import { kmemleak } from './kmemleak.ts';

const arm64 = fixture('detectors/kmemleak/6.1-slab-arm64.txt');

const entry = (stack: string, size = 64, address = '0xffff888104c3a000'): string =>
  `unreferenced object ${address} (size ${size}):\n  comm "a b", pid 1, jiffies 4294790842 (age 12.136s)\n  hex dump (first 4 bytes):\n    01 02 ff 00  ....\n  backtrace:\n${stack}`;
const one = '    [<ffffffff81189293>] foo_open+0x23/0x2f0 [foo]\n';
const symbolsOf = (text: string): (readonly string[])[] =>
  readBlock(kmemleak, text).value.groups.map((g) => g.stack.map((f) => f.symbol));

describe('kmemleak', () => {
  it('folds the entries of a real capture that share a stack', () => {
    const { value, problems } = readBlock(kmemleak, arm64, 'kmemleak');
    expect(problems).toEqual([]);
    expect(value).toMatchObject({ detector: 'kmemleak', entries: 12, cut: false });
    expect(value.groups).toHaveLength(1);
    expect(value.groups[0]).toMatchObject({
      count: 12,
      bytes: 1536,
      objectSize: 128,
      area: 'slab',
      processes: ['drive'],
    });
    expect(value.groups[0]?.stack[4]).toEqual({ symbol: 'tm_open', module: 'seqleak' });
    expect(value.groups[0]?.samples).toHaveLength(8);
    expect([...(value.groups[0]?.content?.subarray(0, 4) ?? [])]).toEqual([0x70, 0x85, 0x57, 0x0b]);
  });

  it('reads an entry whose first line was not copied, as one that was cut', () => {
    const whole = entry(one);
    const text = whole.slice(whole.indexOf('  comm'));
    const { value } = readBlock(kmemleak, text, 'kmemleak');
    expect(value).toMatchObject({ entries: 1, cut: true });
    expect(value.groups).toMatchObject([
      { count: 1, processes: ['a b'], stack: [{ symbol: 'foo_open' }], samples: [] },
    ]);
    expect(value.groups[0]).not.toHaveProperty('bytes');
    const other = text.slice(text.indexOf('  backtrace'));
    expect(readBlock(kmemleak, other, 'kmemleak').value.entries).toBe(1);
  });

  it('reads stacks whose angle brackets a tracker took for markup', () => {
    const text = entry(
      '    [ffffffff9c6b0001] kmemleak_alloc+0x4a/0xa0\n    [ffffffff9bb70002] foo_new+0x2e/0x70 [foo]\n    [ffffffffc0d60057] 0xffffffffc0d60057\n',
    );
    expect(symbolsOf(text)).toEqual([['kmemleak_alloc', 'foo_new', '']]);
  });

  it('keeps different stacks apart, largest first', () => {
    const { value } = readBlock(kmemleak, fixture('detectors/kmemleak/6.1-slab-tty.txt'));
    expect(value.groups.map((g) => [g.count, g.bytes, g.stack[3]?.symbol])).toEqual([
      [2, 2048, 'alloc_tty_struct'],
      [2, 1024, 'pty_common_install'],
    ]);
  });

  it('reads the form without addresses, with a checksum, of 6.8 and later', () => {
    const text =
      'unreferenced object 0xffff8881045a2000 (size 96):\n  comm "mount", pid 9, jiffies 42\n  backtrace (crc 8836a742):\n    kmalloc_trace+0x29d/0x340\n    foo_open+0x23/0x2f0 [foo]\n';
    expect(symbolsOf(text)).toEqual([['kmalloc_trace', 'foo_open']]);
  });

  it('reads per-CPU objects', () => {
    const text =
      'unreferenced object (percpu) 0x607ee0a0e5c8 (size 4):\n  comm "ip", pid 9, jiffies 42\n  hex dump (first 4 bytes on cpu 3):\n    00 00 00 00  ....\n  backtrace (crc 0):\n    pcpu_alloc_noprof+0x4ee/0x7f0\n    foo_open+0x23/0x2f0\n';
    expect(readBlock(kmemleak, text).value.groups[0]).toMatchObject({ area: 'percpu', bytes: 4 });
  });

  it('reads decoded stacks with source lines and inlined functions', () => {
    const text =
      'BUG: memory leak\nunreferenced object 0xffff888109e0af00 (size 192):\n  backtrace:\n    [<0000000070ad19b0>] kmalloc include/linux/slab.h:557 [inline]\n    [<0000000070ad19b0>] foo_alloc+0x66/0xe0 drivers/foo/foo.c:74\n\nBUG: memory leak\nunreferenced object 0xffff888109e0a300 (size 192):\n  backtrace:\n    [<0000000070ad19b0>] kmalloc include/linux/slab.h:557 [inline]\n    [<0000000070ad19b0>] foo_alloc+0x66/0xe0 drivers/foo/foo.c:74\n';
    const { value } = readBlock(kmemleak, text);
    expect(value.groups[0]?.count).toBe(2);
    expect(value.groups[0]?.stack[0]).toMatchObject({ symbol: 'kmalloc', inlined: true });
    expect(value.groups[0]?.stack[1]).toMatchObject({ symbol: 'foo_alloc', source: 'drivers/foo/foo.c:74' });
  });

  it('reads entries that lost their indentation, and lines that mail broke', () => {
    const flat = entry(one).replace(/^ +/gm, '').replace('+0x2f0 [foo]', '+0x2f0');
    const broken = entry('    [<00>] foo_open+0x23/0x2f0\ndrivers/foo/foo.c:12\n').replace('(size 64)', '(size\n64)');
    expect(symbolsOf(flat)).toEqual([['foo_open']]);
    const { value } = readBlock(kmemleak, broken);
    expect(value.groups[0]).toMatchObject({ bytes: 64 });
    expect(value.groups[0]?.stack[0]).toMatchObject({ source: 'drivers/foo/foo.c:12' });
  });

  it('reads a verbose scan out of a log', () => {
    const text = entry(one)
      .split('\n')
      .map((line, i) => `[   12.00000${i}] kmemleak: ${line}`)
      .join('\n');
    const lines = cleanLines(`${text}\n[   13.000000] usb 1-1: new device`);
    expect(kmemleak.claim(lines, 0)).toBe(6);
    expect(readBlock(kmemleak, text).value.groups[0]).toMatchObject({ count: 1, bytes: 64, processes: ['a b'] });
  });

  it.each([
    [`5760 occurences of this backtrace:\n\n${entry(one)}`, 5760],
    [`12 times:\n${entry(one)}`, 12],
    [`${entry(one)}(7 times)\n`, 7],
    [`${entry(one)}  ... and 3 more objects with the same backtrace\n`, 4],
  ])('multiplies what is said to occur more often', (text, count) => {
    expect(readBlock(kmemleak, text).value).toMatchObject({ entries: count, groups: [{ count, bytes: count * 64 }] });
  });

  it('tells vmalloc by a start that kmalloc never gives, and by the stack', () => {
    const areaOf = (address: string, size: number, stack = one): string | undefined =>
      readBlock(kmemleak, entry(stack, size, address)).value.groups[0]?.area;
    expect(areaOf('0xffffb80083fc2000', 11_320)).toBe('vmalloc');
    expect(areaOf('0xffffb80083fc4000', 11_320)).toBe('slab');
    expect(areaOf('0xffffb80083fc2000', 4096)).toBe('slab');
    expect(areaOf('0xffff88810044a540', 9_536, '    kmem_cache_alloc_node+0x1/0x2\n')).toBe('slab');
    expect(areaOf('0xffffc90000123000', 4096)).toBe('vmalloc');
    expect(areaOf('0xffff888100440000', 4096, '    __vmalloc_node_range+0x1/0x2\n    vzalloc+0x1/0x2\n')).toBe(
      'vmalloc',
    );
    expect(areaOf('0xffff888100440000', 64, '    kzalloc+0x1/0x2\n    __vmalloc_node_range+0x1/0x2\n')).toBe('slab');
  });

  it('counts objects of size 0 and objects without a stack', () => {
    const { value } = readBlock(kmemleak, `${entry('', 0)}${entry(one, 0)}`);
    expect(value).toMatchObject({ entries: 2, cut: false });
    expect(value.groups.map((g) => [g.count, g.bytes, g.stack[0].symbol])).toEqual([
      [1, 0, ''],
      [1, 0, 'foo_open'],
    ]);
  });

  it.each([
    ['in its header', entry(one) + entry('').slice(0, 80)],
    ['after "backtrace:"', entry(one) + entry('')],
    ['in a frame', entry(one) + entry('    [<ffffffff81189293>] foo_op')],
    ['between two frames', entry(`${one}    [<00>] bar+0x1/0x20\n`) + entry(one)],
    ['in the size of a function', entry(`${one}    [<00>] bar+0x1/0x20\n`) + entry(`${one}    [<00>] bar+0x1/0x2`)],
  ])('sees that a report was cut %s', (_, text) => {
    expect(readBlock(kmemleak, text).value).toMatchObject({ entries: 2, cut: true });
  });

  it('says where a torn line is, and keeps the rest', () => {
    const { value, problems } = readBlock(kmemleak, entry(`    [<ffff\n${one}`), 'f');
    expect(problems).toEqual([{ problem: 'kmemleak: torn line', at: { kind: 'line', file: 'f', line: 6 } }]);
    expect(value.groups[0]?.stack).toHaveLength(1);
  });

  it('is not led astray by names and bytes that look like its own lines', () => {
    const text = entry(one).replace('"a b"', '"x", pid 7, ("').replace('....', 'backtrace:');
    expect(readBlock(kmemleak, text).value).toMatchObject({ entries: 1, groups: [{ processes: ['x", pid 7, ('] }] });
  });

  it('leaves other stacks alone', () => {
    const lines = cleanLines(`${entry(one)}Call Trace:\n dump_stack+0x1/0x2\n`);
    expect(kmemleak.claim(lines, 0)).toBe(6);
    expect(kmemleak.claim(lines, 6)).toBe(0);
  });

  it('reads back what was written', () => {
    const symbol = fc.stringMatching(/^[a-z_][a-z0-9_.]{0,30}$/);
    const drawn = fc.record({ size: fc.nat(8000), stack: fc.array(symbol, { minLength: 1, maxLength: 16 }) });
    fc.assert(
      fc.property(fc.array(drawn, { minLength: 1, maxLength: 8 }), (objects) => {
        const text = objects.map((o) => entry(o.stack.map((s) => `    ${s}+0x1/0x2\n`).join(''), o.size)).join('');
        const { value } = readBlock(kmemleak, text);
        expect(value.entries).toBe(objects.length);
        expect(value.groups.reduce((n, g) => n + (g.bytes ?? NaN), 0)).toBe(objects.reduce((n, o) => n + o.size, 0));
      }),
    );
  });

  exerciseFormat(kmemleak, arm64.slice(0, 3_000));
});

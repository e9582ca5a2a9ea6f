import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBufferStats } from './buffer-stats.ts';
import { flagValue, parseEventFormat, type EventFormat } from './event-format.ts';
import { decodeStack, kmemDecoder, type KmemEvent } from './kmem-event.ts';
import { decodeRingPage, ringPageLayout } from './ring-page.ts';

const folder = new URL('../../../fixtures/trace/6.1/', import.meta.url);
const read = (name: string): Buffer => readFileSync(new URL(name, folder));
const format = (name: string): EventFormat => parseEventFormat(read(`format/${name}`).toString(), name);
const layout = ringPageLayout(format('header_page'), true, 'header_page');
const decoders = new Map(
  ['kmalloc', 'kfree', 'kmem_cache_alloc', 'kmem_cache_free'].map((name) => [
    format(name).id,
    kmemDecoder(format(name), true),
  ]),
);
const stackFormat = format('kernel_stack');
const PAGE = 4096;

interface Decoded {
  readonly events: KmemEvent[];
  readonly stacks: (readonly number[])[];
  records: number;
  whole: boolean;
}

function decode(raw: Uint8Array): Decoded {
  const all: Decoded = { events: [], stacks: [], records: 0, whole: true };
  for (let at = 0; at < raw.length; at += PAGE) {
    const page = new DataView(raw.buffer, raw.byteOffset + at, Math.min(PAGE, raw.length - at));
    const whole = decodeRingPage(page, layout, (time, offset, length) => {
      all.records++;
      const id = length < 2 ? -1 : page.getUint16(offset, true);
      const event = decoders.get(id)?.decode(page, offset, length, time);
      if (event) all.events.push(event);
      if (id === stackFormat.id) all.stacks.push(decodeStack(stackFormat, page, offset, length, true));
    });
    all.whole &&= whole;
  }
  return all;
}

/** What the kernel itself wrote as text of the same buffer. */
const printed = [
  ...read('text0')
    .toString()
    .matchAll(
      / (\d+\.\d{6}): (kmalloc|kfree): call_site=(\S+) ptr=([0-9a-f]{16})(?: bytes_req=(\d+) bytes_alloc=(\d+))?/g,
    ),
].map(([, seconds, event, , pointer = '', requested = '0', given = '0']) => ({
  micros: Math.round(Number(seconds) * 1e6),
  event,
  pointer: Number(BigInt.asUintN(52, BigInt(`0x${pointer}`))),
  requested: Number(requested),
  given: Number(given),
}));

describe('a trace buffer', () => {
  it('holds what the kernel prints of it: the same events at the same times', () => {
    const { events, whole, records } = decode(read('raw0'));
    expect(whole).toBe(true);
    expect(records).toBe(parseBufferStats(read('stats0').toString()).entries);
    // kfree(NULL) is an event, and frees nothing.
    const real = printed.filter(({ pointer }) => pointer !== 0);
    expect(real.length).toBe(49);
    expect(
      events.map(({ at, event, pointer, requested, given }) => ({
        micros: Math.round(at / 1000),
        event,
        pointer,
        requested,
        given,
      })),
    ).toEqual(real);
  });

  it('has a stack behind each event, with the place that the allocator returns to', () => {
    const { events, stacks } = decode(read('raw0'));
    const sites = new Set(stacks.flat());
    expect(events.every(({ site }) => sites.has(site))).toBe(true);
    expect(stacks[0]?.length).toBe(12);
  });

  it('tells who ran, and what was asked for and how', () => {
    const allocation = decode(read('raw0')).events.find(
      ({ kind, requested }) => kind === 'allocated' && requested === 32,
    );
    expect(allocation).toMatchObject({ event: 'kmalloc', pid: 154, interrupt: false, given: 32 });
    const account = flagValue(format('kmalloc'), '__GFP_ACCOUNT') ?? 0;
    expect((allocation?.flags ?? 0) & account).toBe(account);
  });

  it('is read as far as it goes when it is cut', () => {
    const raw = read('raw0').subarray(0, PAGE);
    const whole = decode(raw).records;
    for (let length = 0; length < PAGE; length += 37) {
      const { records } = decode(raw.subarray(0, length));
      expect(records).toBeLessThanOrEqual(whole);
    }
  });

  it('cannot be made to read beyond it, or for ever', () => {
    const raw = read('raw0').subarray(0, PAGE);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(PAGE - 1), fc.nat(255)), { minLength: 1, maxLength: 40 }), (changes) => {
        const page = Uint8Array.from(raw);
        for (const [at, value] of changes) page[at] = value;
        expect(decode(page).records).toBeLessThanOrEqual(PAGE / 4);
      }),
    );
  });
});

describe('an event’s format', () => {
  it('says where its fields lie', () => {
    const kmalloc = format('kmalloc');
    expect([kmalloc.name, kmalloc.id]).toEqual(['kmalloc', 547]);
    expect(kmalloc.fields.get('bytes_alloc')).toEqual({
      name: 'bytes_alloc',
      type: 'size_t',
      offset: 32,
      size: 8,
      signed: false,
    });
    expect(format('kmem_cache_free').fields.get('name')?.type).toBe('__data_loc char[]');
  });

  it('says what flags stand for, however the kernel spells them', () => {
    expect(flagValue(format('kmalloc'), '__GFP_ACCOUNT')).toBe(0x40_0000);
    expect(flagValue(format('kmalloc'), '__GFP_RECLAIMABLE')).toBe(0x10);
    expect(flagValue(format('kmalloc'), 'GFP_KERNEL')).toBeUndefined();
    const shifted = {
      ...format('kmalloc'),
      print: '{( unsigned long)(((( gfp_t)(((((1UL))) << (22)))))), "__GFP_ACCOUNT"}',
    };
    expect(flagValue(shifted, '__GFP_ACCOUNT')).toBe(0x40_0000);
    expect(flagValue(format('kfree'), '__GFP_ACCOUNT')).toBeUndefined();
  });

  it('is refused where there is none', () => {
    expect(() => parseEventFormat('nothing', 'f')).toThrow('event format: no field can be read (f:1)');
    expect(() => ringPageLayout(format('kfree'), true, 'f')).toThrow('header_page');
  });

  it('reads the cache’s name of a free, which lies behind the record', () => {
    const record = new DataView(new ArrayBuffer(40));
    record.setUint32(4, 7, true);
    record.setBigUint64(8, 0xffff_ffff_8100_0000n, true);
    record.setBigUint64(16, 0xffff_8881_0000_1000n, true);
    record.setUint32(24, (7 << 16) | 28, true);
    'dentry'.split('').forEach((c, i) => record.setUint8(28 + i, c.charCodeAt(0)));
    expect(kmemDecoder(format('kmem_cache_free'), true)?.decode(record, 0, 40, 5)).toMatchObject({
      kind: 'freed',
      cache: 'dentry',
      pid: 7,
      pointer: 0xf_8881_0000_1000,
    });
    expect(kmemDecoder(format('kmem_cache_free'), true)?.decode(record, 0, 20, 5)).toBeUndefined();
  });
});

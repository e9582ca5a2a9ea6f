import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MADE_BASE, MadeKernel } from '../../../testkit/made-kernel.ts';
import { parseVmcoreInfo } from '../../formats/vmcoreinfo.ts';
import { kernelLog, logLines, type LogSource } from './kernel-log.ts';

const RUNS = Number(process.env['KLEAK_FUZZ_RUNS'] ?? 200);
const VARIABLES = MADE_BASE + 0x100n;
const RING = MADE_BASE + 0x1000n;
const DESCRIPTORS = MADE_BASE + 0x2000n;
const INFOS = MADE_BASE + 0x3000n;
const TEXT = MADE_BASE + 0x4000n;
/** 8 records, 256 bytes of text. */
const [COUNT_BITS, TEXT_BITS] = [3n, 8n];

/** As a kernel of 6.1 has them in VMCOREINFO. */
const RING_INFO = `SYMBOL(prb)=${VARIABLES.toString(16)}
OFFSET(printk_ringbuffer.desc_ring)=0
OFFSET(printk_ringbuffer.text_data_ring)=48
OFFSET(prb_desc_ring.count_bits)=0
OFFSET(prb_desc_ring.descs)=8
OFFSET(prb_desc_ring.infos)=16
OFFSET(prb_desc_ring.head_id)=24
OFFSET(prb_desc_ring.tail_id)=32
SIZE(prb_desc)=24
OFFSET(prb_desc.state_var)=0
OFFSET(prb_desc.text_blk_lpos)=8
OFFSET(prb_data_blk_lpos.begin)=0
OFFSET(prb_data_blk_lpos.next)=8
SIZE(printk_info)=88
OFFSET(printk_info.ts_nsec)=8
OFFSET(printk_info.text_len)=16
OFFSET(prb_data_ring.size_bits)=0
OFFSET(prb_data_ring.data)=8
`;

interface Made {
  readonly made: MadeKernel;
  readonly source: LogSource;
}

function makeKernel(info: string): Made {
  const made = new MadeKernel(16, { page: { flags: [0, 'long'] } });
  return { made, source: { ...made.kernel, info: parseVmcoreInfo(info, 'made').value } };
}

const [COMMITTED, FINALIZED] = [1n, 2n];
interface Written {
  readonly text: string;
  readonly level?: number;
  readonly state?: bigint;
  /** A record without a block of text. */
  readonly empty?: 'line' | 'lost';
}

/** Writes records from id `first` on, blocks going round from position `start`, as prb_reserve() places them. */
function makeRing(records: readonly Written[], first = 1000n, start = 2000n): Made {
  const { made, source } = makeKernel(RING_INFO);
  made.put(VARIABLES, RING);
  made.put32(RING, Number(COUNT_BITS));
  made.put(RING + 8n, DESCRIPTORS);
  made.put(RING + 16n, INFOS);
  made.put(RING + 24n, first + BigInt(records.length - 1));
  made.put(RING + 32n, first);
  made.put32(RING + 48n, Number(TEXT_BITS));
  made.put(RING + 56n, TEXT);
  const mask = (1n << TEXT_BITS) - 1n;
  let position = start;
  for (const [i, { text, level = 6, state = FINALIZED, empty }] of records.entries()) {
    const id = first + BigInt(i);
    const place = id & ((1n << COUNT_BITS) - 1n);
    const size = BigInt((8 + text.length + 7) & ~7);
    let begin = position;
    let next = position + size;
    // A block that would go over the end begins at 0, and the rest of the ring stays empty.
    if (begin >> TEXT_BITS !== (next - 1n) >> TEXT_BITS) next = ((next >> TEXT_BITS) << TEXT_BITS) + size;
    const block = TEXT + (next & mask || 1n << TEXT_BITS) - size;
    if (empty === undefined) {
      made.put(block, id);
      made.text(block + 8n, text);
      position = next;
    } else begin = next = empty === 'line' ? 3n : 1n;
    const descriptor = DESCRIPTORS + place * 24n;
    made.put(descriptor, (state << 62n) | id);
    made.put(descriptor + 8n, begin);
    made.put(descriptor + 16n, next);
    const info = INFOS + place * 88n;
    made.put(info + 8n, BigInt(i) * 1_500_000_999n);
    made.put(info + 16n, BigInt(empty === 'line' ? 0 : text.length) | (BigInt(level) << 29n));
  }
  return { made, source };
}

const texts = (source: LogSource): readonly string[] => kernelLog(source).value.map(({ text }) => text);

describe('the ring of printk (5.10)', () => {
  it('is read in order, with time and level', () => {
    const { source } = makeRing([
      { text: 'Linux version 6.1.0', level: 5 },
      { text: 'BUG: something', level: 0 },
    ]);
    expect(kernelLog(source)).toEqual({
      value: [
        { seconds: 0, level: 5, text: 'Linux version 6.1.0' },
        { seconds: 1.5, level: 0, text: 'BUG: something' },
      ],
      problems: [],
    });
  });

  it('may have gone round, records and texts', () => {
    const lines = Array.from({ length: 8 }, (_, i) => `line ${i} ${'x'.repeat(i * 2)}`);
    for (let start = 2000n; start < 2300n; start += 8n) {
      const { source } = makeRing(
        lines.map((text) => ({ text })),
        12_345n,
        start,
      );
      expect(texts(source)).toEqual(lines);
    }
  });

  it('counts ids on beyond what fits into 62 bits', () => {
    const { source } = makeRing([{ text: 'before' }, { text: 'after' }], (1n << 62n) - 8n);
    expect(texts(source)).toEqual(['before', 'after']);
  });

  it('has empty lines, and leaves out what is not written yet or was given up', () => {
    const { source } = makeRing([
      { text: 'first', state: COMMITTED },
      { text: '', empty: 'line' },
      { text: 'being written', state: 0n },
      { text: 'given up', state: 3n },
      { text: 'last' },
    ]);
    expect(texts(source)).toEqual(['first', '', 'last']);
    expect(kernelLog(source).problems).toEqual([]);
  });

  it('says how many records cannot be read', () => {
    const { made, source } = makeRing([
      { text: 'found no room', empty: 'lost' },
      { text: 'overwritten' },
      { text: 'kept' },
    ]);
    made.put(TEXT + (2000n & 255n), 7n);
    expect(texts(source)).toEqual(['kept']);
    expect(kernelLog(source).problems).toEqual(['2 records of the log cannot be read']);
  });

  it('loses its texts where they are not in the dump, and itself where the ring is not', () => {
    const { made, source } = makeRing([{ text: 'one' }, { text: 'two' }]);
    made.exclude(TEXT);
    expect(kernelLog(source)).toEqual({ value: [], problems: ['2 records of the log cannot be read'] });
    made.exclude(RING);
    expect(kernelLog(source).problems).toEqual(['the log breaks off: ffff888000001000 was left out of the dump']);
  });

  it.each([
    ['bits for its records', 0n],
    ['bits for its text', 48n],
    ['ids that are further apart than it has records', 24n],
  ])('is refused with %s that cannot be', (_, offset) => {
    const { made, source } = makeRing([{ text: 'one' }]);
    made.put32(RING + offset, 200);
    expect(kernelLog(source)).toEqual({ value: [], problems: ['the ring of the log has sizes that cannot be'] });
  });

  it(`ends, whatever ${RUNS} flips do to it`, () => {
    const flip = fc.record({ at: fc.nat(0x4100 - 0x100), byte: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(flip, { minLength: 1, maxLength: 6 }), (flips) => {
        const { made, source } = makeRing(Array.from({ length: 8 }, (_, i) => ({ text: `line ${i}` })));
        for (const { at, byte } of flips) made.view.setUint8(0x100 + at, byte);
        expect(kernelLog(source).value.length).toBeLessThanOrEqual(8);
      }),
      { numRuns: RUNS, seed: 20_261_127 },
    );
  });
});

/** As kernels of 3.11 to 5.9 have them. */
const recordInfo = (struct: string): string => `SYMBOL(log_buf)=${VARIABLES.toString(16)}
SYMBOL(log_buf_len)=${(VARIABLES + 8n).toString(16)}
SYMBOL(log_first_idx)=${(VARIABLES + 16n).toString(16)}
SYMBOL(log_next_idx)=${(VARIABLES + 24n).toString(16)}
SIZE(${struct})=16
OFFSET(${struct}.ts_nsec)=0
OFFSET(${struct}.len)=8
OFFSET(${struct}.text_len)=10
OFFSET(${struct}.dict_len)=12
`;

/** Records one behind the other from byte `first` of a buffer of 256, which they may go round. */
function makeRecords(struct: string, lines: readonly string[], first: number): Made {
  const { made, source } = makeKernel(recordInfo(struct));
  let at = first;
  for (const [i, text] of lines.entries()) {
    const size = (16 + text.length + 7) & ~7;
    if (at + size + 16 > 256) {
      made.put(TEXT + BigInt(at) + 8n, 0n);
      at = 0;
    }
    const record = TEXT + BigInt(at);
    made.put(record, BigInt(i) * 1_000_000_999n);
    made.put(record + 8n, BigInt(size) | (BigInt(text.length) << 16n) | (4n << 61n));
    made.text(record + 16n, text);
    at += size;
  }
  made.put(VARIABLES, TEXT);
  made.put32(VARIABLES + 8n, 256);
  made.put32(VARIABLES + 16n, first);
  made.put32(VARIABLES + 24n, at);
  return { made, source };
}

describe('the records of printk (3.5 to 5.9)', () => {
  it.each(['printk_log', 'log'])('are read in order, with time and level, as struct %s', (struct) => {
    const { source } = makeRecords(struct, ['Linux version 3.10.0', 'second'], 0);
    expect(kernelLog(source)).toEqual({
      value: [
        { seconds: 0, level: 4, text: 'Linux version 3.10.0' },
        { seconds: 1, level: 4, text: 'second' },
      ],
      problems: [],
    });
  });

  it('may go round', () => {
    for (let first = 0; first <= 200; first += 8) {
      const { source } = makeRecords('printk_log', ['one', 'two and more', 'three', 'four'], first);
      expect(texts(source)).toEqual(['one', 'two and more', 'three', 'four']);
    }
  });

  it('keep what comes before damage', () => {
    const { made, source } = makeRecords('printk_log', ['one', 'two', 'three'], 0);
    made.put(TEXT + 24n + 8n, 5n);
    expect(kernelLog(source)).toMatchObject({ value: [{ text: 'one' }], problems: ['the log is torn at byte 24'] });
    made.put(TEXT + 24n + 8n, 0n);
    expect(kernelLog(source).problems).toEqual([expect.stringContaining('the log is torn')]);
  });
});

describe('the text of printk (before 3.5)', () => {
  const info = `SYMBOL(log_buf)=${VARIABLES.toString(16)}
SYMBOL(log_buf_len)=${(VARIABLES + 8n).toString(16)}
SYMBOL(log_end)=${(VARIABLES + 16n).toString(16)}
SYMBOL(logged_chars)=${(VARIABLES + 24n).toString(16)}
`;

  it.each([0, 100, 1000])('is read from where it begins, round the end, after %i characters', (before) => {
    const { made, source } = makeKernel(info);
    const text = '<5>[    0.000000] Linux version 3.0.101\n<4>no time\nno level\n';
    for (let i = 0; i < text.length; i++) made.text(TEXT + BigInt((before + i) % 128), text.charAt(i));
    made.put(VARIABLES, TEXT);
    made.put32(VARIABLES + 8n, 128);
    made.put32(VARIABLES + 16n, before + text.length);
    made.put32(VARIABLES + 24n, text.length);
    expect(kernelLog(source)).toEqual({
      value: [
        { seconds: 0, level: 5, text: 'Linux version 3.0.101' },
        { level: 4, text: 'no time' },
        { level: 6, text: 'no level' },
      ],
      problems: [],
    });
  });
});

describe('a log', () => {
  it('is printed as dmesg does, line by line', () => {
    expect(
      logLines([
        { seconds: 12.345_678, level: 6, text: 'one\ntwo' },
        { seconds: 100_000.5, level: 6, text: '' },
        { level: 4, text: 'no time' },
      ]),
    ).toEqual(['[   12.345678] one', '[   12.345678] two', '[100000.500000] ', 'no time']);
  });

  it('is none where nothing leads to it', () => {
    expect(kernelLog(makeKernel('').source)).toEqual({
      value: [],
      problems: ['no log: neither prb nor log_buf is in a table of symbols'],
    });
    const { made, source } = makeKernel(RING_INFO.replace(/^SIZE.*\n/gm, ''));
    made.put(VARIABLES, RING);
    expect(kernelLog(source).problems).toEqual([
      expect.stringMatching(/^no log: neither VMCOREINFO nor the types have /),
    ]);
  });
});

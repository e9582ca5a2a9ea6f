import { deflateSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../base/errors.ts';
import { sectionCodecs, typesFixture } from '../../../testkit/btf/read-types.ts';
import { readElfHeader } from './header.ts';
import {
  bytesSource,
  type ElfSection,
  readBuildId,
  readSection,
  readSections,
  sectionNamed,
  sectionSource,
} from './sections.ts';

const bytes = typesFixture('dwarf/gcc12-dwarf5.elf');
const source = bytesSource('gcc12-dwarf5.elf', bytes);
const { value: sections, problems } = readSections(source, readElfHeader(source));

describe('sections of an ELF file', () => {
  it('are found by name', () => {
    expect(problems).toEqual([]);
    expect(sections.map(({ name }) => name).filter((name) => name.startsWith('.debug_'))).toContain('.debug_info');
    expect(sectionNamed(sections, '.text')).toMatchObject({ type: 1, flags: 6 });
    expect(sectionNamed(sections, '.bss')).toBeUndefined();
    expect(sectionNamed(sections, '.none')).toBeUndefined();
  });

  it('are read whole, or by ranges', () => {
    const strings = sectionNamed(sections, '.debug_str');
    const whole = strings && readSection(source, strings, sectionCodecs);
    expect(Buffer.from(whole ?? []).toString('latin1')).toContain('list_head\0');
    const ranged = strings && sectionSource(source, strings, sectionCodecs);
    const part = new Uint8Array(10);
    expect(ranged?.read(5, part)).toBe(10);
    expect(part).toEqual(whole?.slice(5, 15));
    expect(ranged?.read(ranged.size - 3, part)).toBe(3);
  });

  it.each(['gcc12-zlib', 'gcc12-zstd'])('are unpacked where they are compressed: %s', (file) => {
    const packed = bytesSource(file, typesFixture(`dwarf/${file}.elf`));
    const found = readSections(packed, readElfHeader(packed)).value;
    const [one, other] = [sectionNamed(found, '.debug_info'), sectionNamed(sections, '.debug_info')];
    const length = other && readSection(source, other, sectionCodecs).length;
    expect(one && readSection(packed, one, sectionCodecs).length).toBe(length);
    const strings = sectionNamed(found, '.debug_str');
    const text = strings && Buffer.from(readSection(packed, strings, sectionCodecs)).toString('latin1');
    expect(text).toContain('list_head\0');
  });

  it('tell the build-id', () => {
    expect(readBuildId(source, sections)).toMatch(/^[0-9a-f]{40}$/);
    expect(readBuildId(source, [])).toBeUndefined();
  });

  it('that the file is too short for are left out', () => {
    const short = bytesSource('short', bytes.subarray(0, bytes.length - 100));
    const read = readSections(short, readElfHeader(short));
    expect(read.value).toHaveLength(sections.length - 2);
    expect(read.problems.map(({ problem }) => problem)).toEqual([
      `ends after ${sections.length - 2} of ${sections.length} section headers`,
    ]);
  });
});

describe('a compressed section', () => {
  /** Elf64_Chdr and what it claims. */
  const packed = (kind: number, size: number, content: Uint8Array): Uint8Array => {
    const header = Buffer.alloc(24);
    header.writeUInt32LE(kind, 0);
    header.writeBigUInt64LE(BigInt(size), 8);
    return Buffer.concat([header, content]);
  };
  const read = (content: Uint8Array): Uint8Array => {
    const section: ElfSection = {
      name: '.d',
      type: 1,
      flags: 0x800,
      address: 0n,
      offset: 0,
      size: content.length,
      link: 0,
    };
    return readSection(bytesSource('f', content), section, sectionCodecs);
  };
  const text = Buffer.from('kmem_cache kmem_cache kmem_cache');

  it('is unpacked by its kind', () => {
    expect(read(packed(1, text.length, deflateSync(text)))).toEqual(new Uint8Array(text));
    expect(read(packed(2, text.length, zstdCompressSync(text)))).toEqual(new Uint8Array(text));
  });

  it.each([
    ['of an unknown kind', packed(9, 4, text), 'ELF: .d is compressed in a way (9) that is not known (f@0x0+4)'],
    ['that claims too much', packed(1, 2 ** 40, text), 'ELF: .d claims to unpack to 1099511627776 bytes (f@0x8+8)'],
    ['that makes less than it claims', packed(1, 99, deflateSync(text)), 'ELF: .d does not unpack'],
    ['that is cut', text.subarray(0, 5), 'ELF: .d is cut (f@0x0+5)'],
  ])('%s is refused', (_, content, message) => {
    expect(() => read(content)).toThrow(FormatError);
    expect(() => read(content)).toThrow(message);
  });
});

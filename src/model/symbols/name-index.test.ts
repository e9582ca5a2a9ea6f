import { describe, expect, it } from 'vitest';
import { namesIn } from '../../formats/symbols/name-list.ts';
import { NameIndex } from './name-index.ts';

const texts = Array.from({ length: 300 }, (_, i) => (i % 3 === 0 ? 'twice' : `name_${i}`));
const starts = texts.reduce<number[]>((ends, text) => [...ends, (ends.at(-1) ?? 0) + text.length], [0]);
const names = namesIn(Buffer.from(texts.join('')), Uint32Array.from(starts));

describe('an index of names', () => {
  it('finds every name where it stands, in the first lookups and in all that follow', () => {
    const index = new NameIndex(names);
    const standing = texts.map((text) => texts.flatMap((other, i) => (other === text ? [i] : [])));
    expect(texts.map((text) => index.find(text))).toEqual(standing);
    expect(texts.map((text) => index.find(text))).toEqual(standing);
    expect(index.find('name')).toEqual([]);
  });
});

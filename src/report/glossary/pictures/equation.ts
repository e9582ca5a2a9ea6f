import type { Mark, Picture } from '../term.ts';

const WIDTH = 480;

/** All memory as one bar; the shares are an example and add up to 1, the last is what nothing explains. */
export function equationPicture(shares: readonly (readonly [name: string, share: number])[]): Picture {
  let x = 10;
  const marks = shares.flatMap(([name, share], i): readonly Mark[] => {
    const width = Math.round(share * WIDTH);
    const last = i === shares.length - 1;
    const box: Mark = {
      kind: 'box',
      x,
      y: 10,
      width,
      height: 34,
      fill: last ? 'none' : i % 2 === 0 ? 'soft' : 'strong',
      ...(last ? { dashed: true } : {}),
    };
    const middle = x + width / 2;
    x += width;
    const below = 62 + (i % 2) * 16;
    return [box, { kind: 'label', x: middle, y: below, text: name, anchor: 'middle' }];
  });
  return {
    title: 'The memory equation',
    description: `All memory as one bar: ${shares.map(([name]) => name).join(', ')}. What is left when every known part is taken off is unexplained.`,
    width: WIDTH + 20,
    height: 86,
    marks,
  };
}

import type { Mark, Picture } from '../term.ts';

/** Slabs of one cache, each cut into objects: filled ones are in use. */
export function slabPicture(used: readonly number[], perSlab: number): Picture {
  const size = 26;
  const marks = used.flatMap((inUse, slab): readonly Mark[] => {
    const y = 10 + slab * 50;
    const objects = Array.from({ length: perSlab }, (_, i): Mark => {
      const fill = i < inUse ? 'strong' : 'none';
      return { kind: 'box', x: 12 + i * (size + 4), y: y + 6, width: size, height: 24, fill };
    });
    const frame: Mark = { kind: 'box', x: 6, y, width: perSlab * (size + 4) + 8, height: 36, fill: 'soft' };
    const label: Mark = {
      kind: 'label',
      x: perSlab * (size + 4) + 24,
      y: y + 23,
      text: `${inUse} of ${perSlab} in use`,
    };
    return [frame, ...objects, label];
  });
  return {
    title: 'A slab cache',
    description: `${used.length} slabs of ${perSlab} objects each. Filled objects are in use; a slab goes back to the page allocator only when none of its objects is.`,
    width: perSlab * (size + 4) + 130,
    height: used.length * 50 + 6,
    marks,
  };
}

import type { Mark, Picture } from '../term.ts';

/** Free pages parked with each processor, beside the page allocator's own lists. */
export function perCpuListsPicture(cpus: number): Picture {
  const lists = Array.from({ length: cpus }, (_, cpu) => cpu).flatMap((cpu): readonly Mark[] => {
    const x = 10 + cpu * 110;
    return [
      { kind: 'box', x, y: 10, width: 100, height: 44, fill: 'soft' },
      { kind: 'label', x: x + 50, y: 28, text: `CPU ${cpu}`, anchor: 'middle' },
      { kind: 'label', x: x + 50, y: 45, text: 'free, uncounted', anchor: 'middle' },
      { kind: 'arrow', from: [x + 40, 104], to: [x + 40, 58] },
      { kind: 'arrow', from: [x + 60, 58], to: [x + 60, 104] },
    ];
  });
  const width = cpus * 110 - 10;
  return {
    title: 'Per-CPU lists of free pages',
    description:
      "Each processor keeps free pages at hand. They left the page allocator's lists, so MemFree does not count them.",
    width: width + 20,
    height: 150,
    marks: [
      ...lists,
      { kind: 'box', x: 10, y: 106, width, height: 36, fill: 'none' },
      { kind: 'label', x: 10 + width / 2, y: 129, text: 'page allocator: MemFree', anchor: 'middle' },
    ],
  };
}

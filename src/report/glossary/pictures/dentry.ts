import type { Picture } from '../term.ts';

/** Names and what they stand for: two names of one inode, and a name of nothing. */
export function dentryPicture(): Picture {
  return {
    title: 'Dentries and inodes',
    description:
      'The names report.txt and copy.txt lead to one inode. The name old.txt leads to nothing: a negative dentry.',
    width: 400,
    height: 150,
    marks: [
      { kind: 'box', x: 10, y: 10, width: 130, height: 30, fill: 'soft' },
      { kind: 'label', x: 75, y: 30, text: 'report.txt', anchor: 'middle' },
      { kind: 'box', x: 10, y: 60, width: 130, height: 30, fill: 'soft' },
      { kind: 'label', x: 75, y: 80, text: 'copy.txt', anchor: 'middle' },
      { kind: 'box', x: 10, y: 110, width: 130, height: 30, fill: 'none', dashed: true },
      { kind: 'label', x: 75, y: 130, text: 'old.txt', anchor: 'middle' },
      { kind: 'box', x: 250, y: 30, width: 130, height: 40, fill: 'strong' },
      { kind: 'label', x: 315, y: 55, text: 'inode 4711', anchor: 'middle' },
      { kind: 'arrow', from: [142, 25], to: [246, 44] },
      { kind: 'arrow', from: [142, 75], to: [246, 56] },
      { kind: 'arrow', from: [142, 125], to: [200, 125] },
      { kind: 'label', x: 208, y: 130, text: 'does not exist' },
    ],
  };
}

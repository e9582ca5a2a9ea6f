import type { KnownIssue } from '../issue.ts';

export const k0004: KnownIssue = {
  id: 'K-0004',
  title: 'v3d on Raspberry Pi 4: buffer objects stay after the desktop has stopped',
  cause:
    'After a scheduler time-out the driver loses jobs and keeps their buffer objects. Nothing shows in kmemleak; bo_stats of the device counts them.',
  fix: "The patch that the driver's maintainer names in the thread: with it bo_stats returns to 0.",
  status: 'fixed',
  certainty: 'confirmed',
  references: ['https://github.com/raspberrypi/linux/issues/6817'],
  signature: {
    modules: ['v3d'],
    pools: ['(?:v3d|V3D).*'],
    layers: ['shmem', 'page-allocator'],
    weight: { identifies: [['pools']], suggests: [] },
  },
  words: ['v3d', 'raspberry', 'bo_stats', 'buffer', 'objects', 'kicad'],
};

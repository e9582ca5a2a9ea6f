import { bytes, type Bytes } from '../../src/base/units.ts';
import type {
  DyingCgroups,
  GoneTasks,
  HeldNames,
  HeldPart,
  HeldSockets,
  Holding,
  LostMemory,
  LostPart,
  LostPercpu,
  LostThing,
  Unbalanced,
} from '../../src/model/dump-facts.ts';
import { MIB } from '../facts.ts';

export const SAMPLES = ['ffff888101000000', 'ffff888101000020', 'ffff888101000040'] as const;
/** What a kernel, a file system or a program may be made to say. */
export const HOSTILE = '\u001b]0;x\u0007<img src=x onerror=alert(1)>‮$(reboot)`reboot`\'";\n# ALARM';

export const part = (cache: string, objects: number, size: number, more: Partial<LostPart> = {}): LostPart => ({
  cache,
  aliases: [],
  reclaimable: false,
  objects,
  bytes: bytes(objects * size),
  ...more,
});

export const thing = (units: number, more: Partial<LostThing> = {}): LostThing => {
  const parts = more.parts ?? [part('kmalloc-32', units, 32)];
  return {
    units,
    sources: units,
    independent: units,
    objects: parts.reduce((sum, { objects }) => sum + objects, 0),
    bytes: bytes(parts.reduce((sum, { bytes: size }) => sum + size, 0)),
    parts,
    reachableAlike: 0,
    words: [],
    samples: SAMPLES,
    ...more,
  };
};

export const SINGLE: LostThing['words'] = [
  { offset: 0, symbol: 'single_start', member: 'start' },
  { offset: 8, symbol: 'single_stop', member: 'stop' },
  { offset: 16, symbol: 'single_next', member: 'next' },
  { offset: 24, symbol: 'foo_show [foo]', member: 'show' },
];
export const table = (units: number): LostPart => part('kmalloc-32', units, 32, { type: 'struct seq_operations' });

export const tables = (units: number, more: Partial<LostThing> = {}): LostThing =>
  thing(units, {
    parts: [table(units)],
    words: SINGLE,
    owner: { module: 'foo', function: 'foo_show' },
    ...more,
  });

export const socket = (units: number): LostThing =>
  thing(units, {
    parts: [
      part('sock_inode_cache', units, 832, { type: 'struct socket_alloc', reclaimable: true }),
      part('dentry', units, 192, { type: 'struct dentry', reclaimable: true }),
      part('lsm_inode_cache', units, 32),
    ],
  });

export const pages = (blocks: number, more: Partial<LostMemory> = {}): LostMemory => ({
  kind: 'pages',
  pages: 2,
  blocks,
  bytes: bytes(blocks * 2 * 4096),
  reachableAlike: 0,
  samples: SAMPLES,
  ...more,
});

export const counted = (objects: number, more: Partial<Unbalanced> = {}): Unbalanced => ({
  type: 'struct dentry',
  cache: 'dentry',
  reclaimable: true,
  fileSystem: 'sockfs',
  objects,
  bytes: bytes(objects * 192),
  recorded: 1,
  found: 0,
  unreachable: objects,
  samples: SAMPLES,
  ...more,
});

export const ofType = (objects: number, more: Partial<Unbalanced> = {}): Unbalanced => ({
  type: 'struct tty_struct',
  cache: 'kmalloc-1k',
  reclaimable: false,
  objects,
  bytes: bytes(objects * 1024),
  recorded: 2,
  found: 1,
  unreachable: 0,
  samples: SAMPLES,
  ...more,
});

export const names = (negative: number, more: Partial<HeldNames> = {}): HeldNames => ({
  fileSystem: 'ext4',
  path: '/var/lib/db',
  dentries: negative,
  negative,
  unused: negative,
  bytes: bytes(negative * 192),
  names: ['a.1', 'a.2'],
  samples: SAMPLES,
  ...more,
});

export const sockets = (count: number, more: Partial<HeldSockets> = {}): HeldSockets => ({
  protocol: 'TCP',
  state: 'CLOSE_WAIT',
  owner: { pid: 812, comm: 'proxy' },
  sockets: count,
  bytes: bytes(count * 832),
  samples: SAMPLES,
  ...more,
});

export const percpu = (areas: number, more: Partial<LostPercpu> = {}): LostPercpu => ({
  size: bytes(64),
  areas,
  cpus: 8,
  bytes: bytes(areas * 64 * 8),
  referencedAlike: 3,
  samples: SAMPLES,
  ...more,
});

export const goneTasks = (count: number, more: Partial<GoneTasks> = {}): GoneTasks => ({
  tasks: count,
  bytes: bytes(count * 8192),
  unreachable: 0,
  references: 1,
  comm: 'worker',
  holder: { name: 'kmalloc-64+0x20', tasks: count, symbol: 'foo_table', module: 'foo' },
  samples: SAMPLES,
  ...more,
});

export const cgroups = (dying: number, more: Partial<DyingCgroups> = {}): DyingCgroups => ({
  cgroups: dying + 20,
  dying,
  charged: bytes(dying * 200 * 1024),
  ownBytes: bytes(dying * 20 * 1024),
  unaccounted: 0,
  pins: [{ by: 'page cache of ext4', reclaimable: true, cgroups: dying, bytes: bytes(dying * 200 * 1024) }],
  paths: ['/jobs/1', '/jobs/2'],
  files: ['/var/log/jobs.log (ext4)'],
  samples: SAMPLES,
  ...more,
});

/** Objects of a cache that one holder keeps: all of it, where no share is given. */
export const held = (cache: string, objects: number, size: number, more: Partial<HeldPart> = {}): HeldPart => ({
  of: 'slab',
  cache,
  aliases: [],
  reclaimable: false,
  objects,
  bytes: bytes(objects * size),
  share: 1,
  ...more,
});

/** A list of a module. */
export const holding = (parts: Holding['parts'], more: Partial<Holding> = {}): Holding => ({
  holder: { kind: 'module', module: 'foo', variables: ['foo_queue'] },
  link: { kind: 'list_head', offset: 16, head: 'ffffffffc0451000', symbol: 'foo_queue [foo]' },
  parts,
  objects: parts.reduce((sum, { objects }) => sum + objects, 0),
  bytes: bytes(parts.reduce((sum, { bytes: size }) => sum + size, 0)),
  way: ['foo_queue [foo]', `object of ${parts[0].cache ?? parts[0].of} at ${SAMPLES[0]}`],
  samples: SAMPLES,
  ...more,
});

export const torn: { readonly missing: Bytes; readonly referencesMissed: number } = {
  missing: bytes(50 * MIB),
  referencesMissed: 20_000,
};

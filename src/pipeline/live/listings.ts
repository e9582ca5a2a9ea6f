import type { HostEventKind } from '../../model/sample.ts';
import { readPackages } from '../../sources/packages/read-packages.ts';
import type { TimedReader } from '../../sources/live/timed-reader.ts';

/** Things of one kind that a host has, by name, with what tells one from the next of the same name. */
export type Listing = ReadonlyMap<string, string>;

/** Where a kind of things is listed, and what it means when one comes, goes, or becomes another. */
export interface Watched {
  readonly key: string;
  /** Looked at in every so many samples. */
  readonly every: number;
  /** Things of another boot are forgotten; else a change over a reboot is one. */
  readonly perBoot: boolean;
  readonly came?: HostEventKind;
  readonly went?: HostEventKind;
  readonly became?: HostEventKind;
  /** What is said of a change; nothing where the values mean nothing to people. */
  readonly word: (before: string | undefined, now: string | undefined) => string | undefined;
  /** Undefined where there is no such list, or it did not change since `before`, the stamp of the last look. */
  list(root: string, reader: TimedReader, before: string | undefined): Promise<Listed | undefined>;
}

export interface Listed {
  readonly listing: Listing;
  /** Tells whether the source changed, where that is cheaper to see than to read it. */
  readonly stamp?: string;
}

const SMALL = 4 * 2 ** 20;
const MOST = 4096;
const versions = (before: string | undefined, now: string | undefined): string =>
  before === undefined ? `new, ${now}` : now === undefined ? `removed, was ${before}` : `${before} → ${now}`;

const modules: Watched = {
  key: 'modules',
  every: 1,
  perBoot: true,
  came: 'module-loaded',
  went: 'module-unloaded',
  word: () => undefined,
  async list(root, reader) {
    const reply = await reader.read(`${root}/proc/modules`, SMALL);
    if ('error' in reply) return undefined;
    const names = reply.content.toString().matchAll(/^([\w-]{1,64}) \d/gm);
    return { listing: new Map([...names].map(([, name = '']) => [name, ''])) };
  },
};

/** Where systemd's services have their control groups: the unified hierarchy, or its own of the old ones. */
const SLICES = [
  '/sys/fs/cgroup/system.slice',
  '/sys/fs/cgroup/systemd/system.slice',
  '/sys/fs/cgroup/unified/system.slice',
];

async function serviceFolder(
  root: string,
  reader: TimedReader,
): Promise<readonly [string, readonly string[]] | undefined> {
  for (const slice of SLICES) {
    const reply = await reader.names(root + slice);
    if ('names' in reply) return [root + slice, reply.names.filter((name) => name.endsWith('.service')).slice(0, MOST)];
  }
  return undefined;
}

const services: Watched = {
  key: 'services',
  every: 1,
  perBoot: true,
  came: 'service-started',
  went: 'service-stopped',
  word: () => undefined,
  async list(root, reader) {
    const found = await serviceFolder(root, reader);
    return found && { listing: new Map(found[1].map((name) => [name, ''])) };
  },
};

/** A service that was restarted between two samples has a control group of its own again, with another number. */
const restarts: Watched = {
  key: 'restarts',
  every: 6,
  perBoot: true,
  became: 'service-started',
  word: () => 'restarted',
  async list(root, reader) {
    const [folder = '', names] = (await serviceFolder(root, reader)) ?? [];
    if (!names) return undefined;
    const listing = new Map<string, string>();
    for (const name of names) {
      const inode = (await reader.stamp(`${folder}/${name}`))?.split(' ')[0];
      if (inode !== undefined) listing.set(name, inode);
    }
    return { listing };
  },
};

const drivers: Watched = {
  key: 'drivers',
  every: 6,
  perBoot: false,
  became: 'driver-changed',
  word: versions,
  async list(root, reader, before) {
    const reply = await reader.names(`${root}/sys/module`);
    if ('error' in reply) return undefined;
    // The version of a module changes only when it is loaded anew, and then its folder is another one.
    const stamp = `${reply.names.length} ${(await reader.stamp(`${root}/sys/module`)) ?? ''}`;
    if (stamp === before) return undefined;
    const listing = new Map<string, string>();
    for (const name of reply.names.slice(0, MOST)) {
      const file = await reader.read(`${root}/sys/module/${name}/version`, 256);
      if ('content' in file) listing.set(name, file.content.toString().trim());
    }
    return { listing, stamp };
  },
};

const kernel: Watched = {
  key: 'kernel',
  every: 360,
  perBoot: false,
  became: 'kernel-changed',
  word: versions,
  async list(root, reader) {
    const reply = await reader.read(`${root}/proc/sys/kernel/osrelease`, 256);
    return 'error' in reply ? undefined : { listing: new Map([['kernel', reply.content.toString().trim()]]) };
  },
};

/** Data bases of packages, each with the journal that what is new stands in first. */
const PACKAGE_FILES = [
  '/var/lib/dpkg/status',
  '/var/lib/rpm/rpmdb.sqlite',
  '/var/lib/rpm/rpmdb.sqlite-wal',
  '/usr/lib/sysimage/rpm/rpmdb.sqlite',
  '/usr/lib/sysimage/rpm/rpmdb.sqlite-wal',
];

const packages: Watched = {
  key: 'packages',
  every: 6,
  perBoot: false,
  came: 'package-changed',
  went: 'package-changed',
  became: 'package-changed',
  word: versions,
  async list(root, reader, before) {
    const stamps: string[] = [];
    for (const file of PACKAGE_FILES) stamps.push((await reader.stamp(root + file)) ?? '-');
    const stamp = stamps.join(' ');
    if (stamp === before || stamps.every((one) => one === '-')) return undefined;
    const listing = new Map<string, string>();
    for (const { name, version, architecture } of readPackages(root).packages) {
      // Several versions of one are installed side by side: kernels.
      const key = architecture === undefined ? name : `${name}:${architecture}`;
      const known = listing.get(key);
      listing.set(key, known === undefined ? version : `${known}, ${version}`);
    }
    return { listing, stamp };
  },
};

export const WATCHED: readonly Watched[] = [modules, services, restarts, drivers, kernel, packages];

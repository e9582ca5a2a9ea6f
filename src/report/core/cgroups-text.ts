import { spellBytes, spellCount, spellThings } from '../../base/spelling.ts';
import type { CgroupPin, CoreCgroup, CoreCgroups } from '../../findings/core/core-cgroups.ts';
import { renderTable } from './table.ts';

const MOST_ROWS = 40;
const MOST_PINS = 12;

export function renderCgroups(document: CoreCgroups): string {
  const { cgroups, dying, dyingBytes, bytesEach, pins, files, groups, problems } = document;
  const charged = dyingBytes === undefined ? '' : `, ${spellBytes(dyingBytes)} charged to them`;
  const own = dying === 0 ? '' : `${charged}; ${spellBytes(dying * bytesEach)} at least are their own structs`;
  const head = `${spellThings(cgroups, 'memory cgroup')}, ${spellCount(dying)} dying${own}\n\n`;
  const held = pins.length === 0 ? '' : `what keeps the dying ones\n${pinTable(pins)}\n`;
  const named = files.length === 0 ? '' : `files with most of their pages\n${fileTable(files)}\n`;
  const more = groups.length > MOST_ROWS ? `… ${spellCount(groups.length - MOST_ROWS)} more\n` : '';
  const wrong = problems.map((problem) => `${problem}\n`).join('');
  return `${head}${held}${named}${groupTable(groups.slice(0, MOST_ROWS))}${more}${wrong === '' ? '' : `\n${wrong}`}`;
}

function pinTable(pins: readonly CgroupPin[]): string {
  const columns = [
    { head: 'cgroups', right: true },
    { head: 'count', right: true },
    { head: 'memory', right: true },
    { head: 'by' },
    { head: 'one of them' },
  ];
  return renderTable(
    columns,
    pins
      .slice(0, MOST_PINS)
      .map((pin) => [
        `${pin.cgroups}`,
        `${pin.count}`,
        pin.bytes === undefined ? '' : spellBytes(pin.bytes),
        pin.name ?? (pin.fileSystem === undefined ? pin.kind : `${pin.kind} of ${pin.fileSystem}`),
        pin.samples[0] ?? '',
      ]),
  );
}

const fileTable = (files: CoreCgroups['files']): string =>
  renderTable(
    [{ head: 'memory', right: true }, { head: 'file system' }, { head: 'file' }],
    files.map(({ bytes, fileSystem, path, inode }) => [
      spellBytes(bytes),
      fileSystem,
      path ?? `inode ${inode}, no name`,
    ]),
  );

function groupTable(groups: readonly CoreCgroup[]): string {
  const columns = [
    { head: 'state' },
    { head: 'references', right: true },
    { head: 'charged', right: true },
    { head: 'anonymous', right: true },
    { head: 'page cache', right: true },
    { head: 'shmem', right: true },
    { head: 'slab', right: true },
    { head: 'cgroup' },
  ];
  const size = (bytes: number | undefined): string =>
    bytes === undefined ? '?' : bytes === 0 ? '–' : spellBytes(bytes);
  return renderTable(
    columns,
    groups.map((group) => [
      group.online ? 'online' : 'dying',
      group.references === undefined ? '–' : `${group.references}`,
      size(group.chargedBytes),
      size(group.anonymousBytes),
      size(group.pageCacheBytes),
      size(group.shmemBytes),
      size(group.slabBytes),
      group.path,
    ]),
  );
}

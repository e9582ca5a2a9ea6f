import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { MOST_PACKAGES, type InstalledPackage, type PackageReader } from './installed-package.ts';

const READ_AT_ONCE = 256 * 1024;
/** A status file with tens of thousands of packages has 50 MB. */
const MOST_BYTES = 256 * 2 ** 20;
const LONGEST_LINE = 64 * 1024;
const FIELD = /^(Package|Status|Version|Architecture): {0,8}(.{1,512})$/;
/** Wanted, flag, state; what was removed and left its settings behind is not installed. */
const STATUS = /^\S+ \S+ (\S+)$/;
const ABSENT: ReadonlySet<string> = new Set(['not-installed', 'config-files']);

/**
 * `/var/lib/dpkg/status` of Debian and its kin: stanzas of `Field: value`, an empty line between them.
 *
 * Written by dpkg lib/dpkg/dump.c, writedb(). Lines that are no field of these four are passed over.
 */
export const dpkg: PackageReader = {
  read(file, wanted, tell): readonly InstalledPackage[] {
    const packages: InstalledPackage[] = [];
    let stanza = new Map<string, string>();
    const end = (): boolean => {
      const found = packageOf(stanza);
      if (found && wanted(found.name)) packages.push(found);
      stanza = new Map();
      return packages.length < MOST_PACKAGES;
    };
    for (const line of linesOf(file, tell)) {
      const [, field, value] = FIELD.exec(line) ?? [];
      if (field !== undefined && value !== undefined && !stanza.has(field)) stanza.set(field, value.trim());
      if (line === '' && !end()) {
        tell(`lists more than ${MOST_PACKAGES} packages; the rest was not read`);
        return packages;
      }
    }
    end();
    return packages;
  },
};

function packageOf(stanza: ReadonlyMap<string, string>): InstalledPackage | undefined {
  const [name, version, architecture] = [stanza.get('Package'), stanza.get('Version'), stanza.get('Architecture')];
  const state = STATUS.exec(stanza.get('Status') ?? '')?.[1];
  if (name === undefined || version === undefined || /\s/.test(name + version)) return undefined;
  if (state === undefined || ABSENT.has(state)) return undefined;
  return { manager: 'dpkg', name, version, ...(architecture === undefined ? {} : { architecture }) };
}

/** A line that is longer than any is cut, so that memory stays bounded. */
function* linesOf(file: string, tell: (why: string) => void): Generator<string> {
  const fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    if (!fstatSync(fd).isFile()) {
      tell('is not a file');
      return;
    }
    const buffer = Buffer.allocUnsafeSlow(READ_AT_ONCE);
    const decoder = new StringDecoder('utf8');
    let rest = '';
    let bytes = 0;
    for (let read = readSync(fd, buffer); read > 0; read = readSync(fd, buffer)) {
      bytes += read;
      const lines = (rest + decoder.write(buffer.subarray(0, read))).split('\n');
      rest = (lines.pop() ?? '').slice(0, LONGEST_LINE);
      yield* lines;
      if (bytes > MOST_BYTES) {
        tell(`is longer than ${MOST_BYTES} bytes; the rest was not read`);
        break;
      }
    }
    if (rest !== '') yield rest;
  } finally {
    closeSync(fd);
  }
}

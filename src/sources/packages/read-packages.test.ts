import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { scratch, writeTree } from '../../../testkit/read-input.ts';
import { readRpmHeader } from './rpm-header.ts';
import { concernsMemory, readPackages } from './read-packages.ts';

const folder = scratch();
const rpmdb = gunzipSync(
  readFileSync(join(import.meta.dirname, '../../../fixtures/packages/rpm-sqlite/rpmdb.sqlite.gz')),
);

const STATUS = `Package: curl
Status: install ok installed
Conffiles:
 /etc/x 0123
Architecture: amd64
Version: 7.88.1-10+deb12u14

Package: gone
Status: deinstall ok config-files
Version: 1

Package: libnss3
Status: hold ok installed
Architecture: amd64
Version: 2:3.87.1-1
`;

it('reads what dpkg has installed, not what it removed', () => {
  const root = writeTree(join(folder, 'debian'), { 'var/lib/dpkg/status': STATUS });
  expect(readPackages(root)).toEqual({
    packages: [
      { manager: 'dpkg', name: 'curl', version: '7.88.1-10+deb12u14', architecture: 'amd64' },
      { manager: 'dpkg', name: 'libnss3', version: '2:3.87.1-1', architecture: 'amd64' },
    ],
    unread: [],
  });
});

it('reads a data base that rpm 4.18 wrote, without leaving anything beside it', () => {
  const root = writeTree(join(folder, 'rpm'), { 'var/lib/rpm/rpmdb.sqlite': rpmdb });
  const { packages, unread } = readPackages(root, concernsMemory);
  expect(packages.map((p) => `${p.name} ${p.version} ${p.architecture}`)).toEqual([
    'curl 7.76.1-29.el9 x86_64',
    'kernel-core 5.14.0-503.11.1.el9_5 x86_64',
    'nss 3.101.0-10.el9 x86_64',
  ]);
  expect(readPackages(root).packages.find((p) => p.name === 'zlib')?.version).toBe('2:1.2.11-40.el9');
  expect(unread).toEqual([]);
  expect(readdirSync(join(root, 'var/lib/rpm'))).toEqual(['rpmdb.sqlite']);
});

it('says so where changes wait beside the data base', () => {
  const root = writeTree(join(folder, 'wal'), {
    'var/lib/rpm/rpmdb.sqlite': rpmdb,
    'var/lib/rpm/rpmdb.sqlite-wal': 'x',
  });
  const { packages, unread } = readPackages(root);
  expect(packages).toHaveLength(4);
  expect(unread[0]?.why).toMatch(/not yet in the file/);
});

it('lists data bases that it does not read, and those that are damaged', () => {
  const old = writeTree(join(folder, 'old'), {
    'var/lib/rpm/Packages': '\0\0\0\0',
    'lib/apk/db/installed': 'P:curl\n',
  });
  expect(readPackages(old).unread.map((u) => u.what)).toEqual(['/var/lib/rpm/Packages', '/lib/apk/db/installed']);
  const damaged = writeTree(join(folder, 'damaged'), {
    'var/lib/rpm/rpmdb.sqlite': rpmdb.subarray(0, 9000),
    'usr/share/rpm/rpmdb.sqlite': 'no data base',
  });
  const { packages, unread } = readPackages(damaged);
  expect(packages).toEqual([]);
  expect(unread.map((u) => u.why)).toEqual([
    expect.stringMatching(/not listed: database disk image is malformed/),
    expect.stringMatching(/not listed: file is not a database/),
  ]);
});

it('stands folders and lines without end in place of a data base', () => {
  const path = join(folder, 'odd/var/lib/dpkg/status');
  mkdirSync(path, { recursive: true });
  expect(readPackages(join(folder, 'odd')).unread[0]?.why).toMatch(/is not a file|is a directory/);
  const long = join(folder, 'long/var/lib/dpkg/status');
  mkdirSync(dirname(long), { recursive: true });
  writeFileSync(long, `Package: a\nVersion: ${'1'.repeat(2_000_000)}\n\n${STATUS}`);
  expect(readPackages(join(folder, 'long')).packages.map((p) => p.name)).toEqual(['curl', 'libnss3']);
});

it('reads no header beyond its end', () => {
  const header = Buffer.alloc(64);
  header.writeUInt32BE(1000, 0);
  expect(readRpmHeader(header)).toBeUndefined();
  for (let cut = 0; cut < 64; cut++) expect(readRpmHeader(header.subarray(0, cut))).toBeUndefined();
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exerciseFormat, readBlock } from '../../../testkit/exercise-format.ts';
import { cleanLines } from '../text/line.ts';
import { curlVersion } from './curl-version.ts';
import { ethtoolDriver, modinfo } from './modinfo.ts';
import { osRelease } from './os-release.ts';
import { packageList } from './package-list.ts';
import type { Versions } from './versions.ts';

const spell = ({ programs }: Versions): readonly string[] => programs.map((p) => `${p.kind} ${p.name} ${p.version}`);
const curl = `curl 7.29.0 (x86_64-redhat-linux-gnu) libcurl/7.29.0 NSS/3.44 zlib/1.2.7 libssh2/1.8.0
Protocols: dict file ftp
Features: AsynchDNS
`;
const dpkg = `Desired=Unknown/Install/Remove/Purge/Hold
| Status=Not/Inst/Conf-files/Unpacked/halF-conf/Half-inst/trig-aWait/Trig-pend
|/ Err?=(none)/Reinst-required (Status,Err: uppercase=bad)
||/ Name                 Version              Architecture Description
+++-====================-====================-============-==================
ii  curl                 7.68.0-1ubuntu2.7    amd64        command line tool
rc  old-thing            1.0-1                amd64        removed
ii  libc6:amd64          2.31-0ubuntu9        amd64        GNU C Library
`;
const info = `filename:       /lib/modules/3.10.0-957.el7.x86_64/updates/drivers/net/ethernet/intel/i40e/i40e.ko.xz
version:        2.3.6
license:        GPL
srcversion:     0123456789ABCDEF0123456
alias:          pci:v00008086d0000158Bsv*sd*bc*sc*i*
depends:        ptp
vermagic:       3.10.0-957.el7.x86_64 SMP mod_unload modversions
parm:           debug:Debug level (0=none,...,16=all) (int)
`;
const ethtool = `driver: i40e
version: 2.3.6
firmware-version: 6.01 0x8000354e 1.1747.0
expansion-rom-version:
bus-info: 0000:18:00.0
supports-statistics: yes
`;
const release = `NAME="CentOS Linux"
VERSION="7 (Core)"
ID="centos"
VERSION_ID="7"
`;

describe('versions', () => {
  it('of curl and its libraries are read', () => {
    expect(spell(readBlock(curlVersion, curl).value)).toEqual([
      'program curl 7.29.0',
      'library libcurl 7.29.0',
      'library NSS 3.44',
      'library zlib 1.2.7',
      'library libssh2 1.8.0',
    ]);
    expect(curlVersion.claim(cleanLines(curl), 0)).toBe(3);
    expect(
      spell(
        readBlock(
          curlVersion,
          'curl 8.5.0 (x86_64-pc-linux-gnu) libcurl/8.5.0 OpenSSL/3.0.13 libpsl/0.21.2 (+libidn2/2.3.7) nghttp2/1.59.0',
        ).value,
      ),
    ).toContain('library nghttp2 1.59.0');
  });

  it('of packages are read from rpm and dpkg, without removed ones', () => {
    expect(
      spell(
        readBlock(
          packageList,
          'nss-softokn-freebl-3.14.3-17.el6.x86_64\nkernel-3.10.0-957.el7.x86_64      Tue 01 Jan 2019\n',
        ).value,
      ),
    ).toEqual(['package nss-softokn-freebl 3.14.3-17.el6', 'package kernel 3.10.0-957.el7']);
    expect(spell(readBlock(packageList, dpkg).value)).toEqual([
      'package curl 7.68.0-1ubuntu2.7',
      'package libc6 2.31-0ubuntu9',
    ]);
    expect(packageList.claim(cleanLines(dpkg), 0)).toBe(8);
  });

  it('of a kernel release alone is no package', () => {
    expect(packageList.claim(cleanLines('3.10.0-957.el7.x86_64'), 0)).toBe(0);
    expect(packageList.claim(cleanLines('Linux host 3.10.0-957.el7.x86_64 #1 SMP x86_64 GNU/Linux'), 0)).toBe(0);
  });

  it('of modules and firmware are read from modinfo and ethtool', () => {
    expect(spell(readBlock(modinfo, info).value)).toEqual(['module i40e 2.3.6']);
    expect(spell(readBlock(ethtoolDriver, ethtool).value)).toEqual([
      'module i40e 2.3.6',
      'firmware i40e 6.01 0x8000354e 1.1747.0',
    ]);
    expect(modinfo.claim(cleanLines(`${info}${info}`), 0)).toBe(8);
    expect(ethtoolDriver.claim(cleanLines('driver: someone else'), 0)).toBe(0);
  });

  it('of the distribution is read from os-release', () => {
    expect(spell(readBlock(osRelease, release).value)).toEqual(['program centos 7']);
    expect(osRelease.claim(cleanLines('NAME=value\nOTHER=1'), 0)).toBe(0);
  });

  it('of rpm packages are read back as written', () => {
    const part = fc.stringMatching(/^[a-z0-9][a-z0-9.]{0,8}$/);
    const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,12}[a-z]$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(name, part, part), { minLength: 1 }), (rows) => {
        const { value } = readBlock(packageList, rows.map(([n, v, r]) => `${n}-${v}-${r}.noarch`).join('\n'));
        expect(value.programs.map((p) => `${p.name}-${p.version}`)).toEqual(rows.map((r) => r.join('-')));
      }),
    );
  });

  exerciseFormat(curlVersion, curl);
  exerciseFormat(packageList, dpkg);
  exerciseFormat(modinfo, info);
  exerciseFormat(ethtoolDriver, ethtool);
  exerciseFormat(osRelease, release);
});

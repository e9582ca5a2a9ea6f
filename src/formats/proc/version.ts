import { FormatError, type Parsed } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import type { TextFormat } from '../text/text-format.ts';
import { isNamed } from './standing-alone.ts';

/** Which kernel runs, as /proc/version or uname says it. */
export interface Version {
  readonly release: string;
  /** From `uname -a`, or from the end of a distribution's release (`…el9.x86_64`). */
  readonly machine?: string;
  /** The host's name, which only `uname -a` has. */
  readonly host?: string;
  readonly at: Provenance;
}

const BANNER = /^\s*Linux version (\d+\.\d+\S*) \(/;
const UNAME = /^\s*Linux (\S{1,255}) (\d+\.\d+\S*) (#\d\S* .*)$/;
const ENDS = /(?:GNU\/Linux|Linux|Android|Toybox)\s*$/;
const MACHINE =
  /(?:^|\s)(x86_64|i[3-6]86|aarch64(?:_be)?|arm(?:v\d\w*)?|mips(?:64)?(?:el)?|ppc(?:64)?(?:le)?|riscv(?:32|64)|s390x?|loongarch64|sparc(?:64)?|ia64|m68k|alpha|parisc(?:64)?)(?=\s|$)/;
const IN_RELEASE = /\.(x86_64|aarch64|ppc64le|ppc64|s390x|i[3-6]86|armv7hl)$/;
/** A release alone on a line, below a prompt with `uname -r`. */
const BARE = /^\s*(\d{1,2}\.\d{1,3}\S{0,100})\s*$/;

/**
 * `/proc/version`, `uname -a`, and the answer to `uname -r` below its prompt.
 *
 * Written by fs/proc/version.c, version_proc_show(), from init/version.c, linux_proc_banner.
 */
export const version: TextFormat<'version', Version> = {
  kind: 'version',
  looksFor: '"Linux version 6.1.0 (…", or the output of uname -a',
  many: true,

  claim(lines, at) {
    const line = lines[at];
    if (line === undefined || line.logged) return 0;
    if (BANNER.test(line.text) || (UNAME.test(line.text) && ENDS.test(line.text))) return 1;
    return BARE.test(line.text) && isNamed(lines, at, /^uname\s+-r\s*$/) ? 1 : 0;
  },

  parse(lines, file): Parsed<Version> {
    const at = { kind: 'line', file, line: lines[0]?.number ?? 1 } as const;
    const text = lines[0]?.text ?? '';
    const value = readBanner(text, at) ?? readUname(text, at);
    if (value === undefined) throw new FormatError('version', 'no release', at);
    return { value, problems: [] };
  },
};

function readBanner(text: string, at: Provenance): Version | undefined {
  const release = BANNER.exec(text)?.[1] ?? BARE.exec(text)?.[1];
  if (release === undefined) return undefined;
  const machine = IN_RELEASE.exec(release)?.[1];
  return { release, ...(machine === undefined ? {} : { machine }), at };
}

function readUname(text: string, at: Provenance): Version | undefined {
  const [, host, release, rest = ''] = UNAME.exec(text) ?? [];
  if (host === undefined || release === undefined) return undefined;
  const machine = MACHINE.exec(rest)?.[1] ?? IN_RELEASE.exec(release)?.[1];
  return { release, host, ...(machine === undefined ? {} : { machine }), at };
}

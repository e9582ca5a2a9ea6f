import type { Parsed, Problem } from '../../base/errors.ts';
import type { TextLine } from '../text/line.ts';
import { runOf, type TextFormat } from '../text/text-format.ts';
import { nextFilled } from './commands.ts';
import type { PoolRow, PoolRows } from './pool-row.ts';
import { quantity, readSize } from './size.ts';

const TOOLBOX = /\bvmware-toolbox-cmd\s+stat\s+balloon\b/;
const MEGABYTES = /^\s*(\d{1,9})\s*MB\s*$/;
const VMW_FIRST = /^\s*(?:balloon capabilities|target):\s+(?:0x[0-9a-f]+|\d+ pages)\s*$/;
const VMW =
  /^\s*(?:[a-zA-Z][\w ()-]{1,30}):\s+(?:\d+ pages(?:\/sec)?|0x[0-9a-f]+|[yn]|\d+(?:\s+\(\s*\d+ failed\))?)\s*$/;
const XEN_FIRST = /^\s*Current allocation:\s+\d+ kB\s*$/;
const XEN =
  /^\s*(?:Current allocation|Requested target|Low-mem balloon|High-mem balloon|Driver pages|Xen hard limit):\s/;
const HYPERV_FIRST = /^\s*host_version\s*:\s+\d+\.\d+\s*$/;
const HYPERV = /^\s*[a-z_]{3,30}\s*:\s+\S/;
const PAGE = 4096;

/**
 * What a balloon driver has given back to the hypervisor: `vmware-toolbox-cmd stat balloon` with its prompt, VMware's
 * /sys/kernel/debug/vmmemctl, Xen's /proc/xen/balloon, Hyper-V's /sys/kernel/debug/hv-balloon.
 *
 * Written by drivers/misc/vmw_balloon.c vmballoon_debug_show(), drivers/hv/hv_balloon.c hv_balloon_debug_show().
 */
export const balloonStat: TextFormat<'balloon-stat', PoolRows> = {
  kind: 'balloon-stat',
  looksFor: '"vmware-toolbox-cmd stat balloon" with its answer "1234 MB", or the statistics of a balloon driver',
  many: false,

  claim(lines, at) {
    const first = lines[at]?.text ?? '';
    if (TOOLBOX.test(first)) {
      const answer = nextFilled(lines, at + 1);
      return answer > 0 && MEGABYTES.test(lines[answer]?.text ?? '') ? answer - at + 1 : 0;
    }
    if (XEN_FIRST.test(first)) return runOf(lines, at, (text) => XEN.test(text));
    if (HYPERV_FIRST.test(first))
      return has(lines, at, 12, /^\s*pages_ballooned\s*:/) ? runOf(lines, at, (text) => HYPERV.test(text)) : 0;
    if (!VMW_FIRST.test(first) || !has(lines, at, 8, /^\s*current:\s+\d+ pages/)) return 0;
    return runOf(lines, at, (text) => VMW.test(text), 1);
  },

  parse(lines, file): Parsed<PoolRows> {
    const problems: Problem[] = [];
    const pools = [toolbox(lines, file), vmw(lines, file), xen(lines, file), hyperv(lines, file)].flatMap((p) =>
      p ? [p] : [],
    );
    if (pools.length === 0) {
      problems.push({ problem: 'balloon: no size found', at: { kind: 'line', file, line: lines[0]?.number ?? 1 } });
    }
    return { value: { pools }, problems };
  },
};

const has = (lines: readonly TextLine[], at: number, within: number, what: RegExp): boolean =>
  lines.slice(at, at + within).some(({ text }) => what.test(text));

/** The first line that `what` matches, with the number in its first group. */
function numberIn(lines: readonly TextLine[], what: RegExp): { readonly n: number; readonly line: number } | undefined {
  for (const { text, number } of lines) {
    const digits = what.exec(text)?.[1];
    if (digits !== undefined) return { n: Number(digits), line: number };
  }
  return undefined;
}

function pool(owner: string, name: string, size: number | undefined, file: string, line: number): PoolRow | undefined {
  const bytes = quantity(size ?? NaN);
  return bytes === undefined ? undefined : { id: 'balloon', name, owner, bytes, at: { kind: 'line', file, line } };
}

function toolbox(lines: readonly TextLine[], file: string): PoolRow | undefined {
  const found = TOOLBOX.test(lines[0]?.text ?? '') ? numberIn(lines, MEGABYTES) : undefined;
  return found && pool('vmw_balloon', 'VMware balloon', readSize(`${found.n}M`), file, found.line);
}

function vmw(lines: readonly TextLine[], file: string): PoolRow | undefined {
  const found = numberIn(lines, /^\s*current:\s+(\d{1,12}) pages/);
  return found && pool('vmw_balloon', 'VMware balloon', found.n * PAGE, file, found.line);
}

function xen(lines: readonly TextLine[], file: string): PoolRow | undefined {
  const low = numberIn(lines, /^\s*Low-mem balloon:\s+(\d{1,12}) kB/);
  const high = numberIn(lines, /^\s*High-mem balloon:\s+(\d{1,12}) kB/);
  return low && pool('xen_balloon', 'Xen balloon', (low.n + (high?.n ?? 0)) * 1024, file, low.line);
}

function hyperv(lines: readonly TextLine[], file: string): PoolRow | undefined {
  const found = numberIn(lines, /^\s*pages_ballooned\s*:\s+(\d{1,12})\b/);
  return found && pool('hv_balloon', 'Hyper-V balloon', found.n * PAGE, file, found.line);
}

import type { TextLine } from '../text/line.ts';
import { parseFrame, type Frame } from '../detectors/frame.ts';

const OFFSET = /\+0x[0-9a-f]+\/0x[0-9a-f]+/;
/** 32-bit ARM: `[<c010d8f0>] (unwind_backtrace) from [<c010a6c4>] (show_stack+0x10/0x14)`, later without brackets. */
const ARM =
  /^\s*(?:\[<([0-9a-f]+)>\] )?\(?([A-Za-z_.$][\w.$]*)(?:\+0x[0-9a-f]+\/0x[0-9a-f]+)?(?: \[([\w-]+)\]\)|\)?(?: \[([\w-]+)\])?) from /;
/** Frames that the kernel itself marks as left-overs on the stack. */
const UNRELIABLE = /^\s*(?:\[<[^>]{0,20}>\] )?\? /;
const TRACE = /^\s*(?:Call [Tt]race:|Backtrace:)/;
const MARK = /^\s*<\/?(?:TASK|IRQ|NMI|SOFTIRQ|EOI)>/;
/** Frames beyond this say nothing more. */
const DEEPEST = 100;
/** Lines of another processor that may stand between two frames. */
const BETWEEN = 6;

/** One line of a call trace in a kernel log, or undefined. In a log a frame always has its offset, or says `from`. */
export function logFrame(text: string): Frame | undefined {
  const arm = ARM.exec(text);
  if (arm) {
    const [, address, symbol = '', inside, behind] = arm;
    const module = inside ?? behind;
    return { symbol, ...(module === undefined ? {} : { module }), ...(address === undefined ? {} : { address }) };
  }
  return OFFSET.test(text) ? parseFrame(text) : undefined;
}

/** The first call trace in the lines, innermost frame first, left-overs not counted. */
export function firstStack(lines: readonly TextLine[]): readonly Frame[] {
  const start = lines.findIndex(({ text }) => TRACE.test(text));
  return framesFrom(lines, start < 0 ? 0 : start + 1);
}

function framesFrom(lines: readonly TextLine[], start: number): readonly Frame[] {
  const frames: Frame[] = [];
  let between = 0;
  for (let i = start; i < lines.length && frames.length < DEEPEST && between <= BETWEEN; i++) {
    const text = lines[i]?.text ?? '';
    if (/^\s*Mem-[Ii]nfo:/.test(text)) break;
    if (MARK.test(text) || UNRELIABLE.test(text)) continue;
    const frame = /^\s*RIP: /.test(text) ? undefined : logFrame(text);
    if (frame) frames.push(frame);
    between = frame ? 0 : between + 1;
  }
  return frames;
}

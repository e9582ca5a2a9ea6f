import type { TextLine } from '../text/line.ts';

const CRASH = /^\s*(?:PID \d+ )?crash(?:[-_]?\w{1,10})?>(?:\s+(.*))?$/;
const SHELL = /^\s*(?:\[[^\]]{1,80}\]|[\w.@~:()/ -]{0,60}?)\s?[$#%]\s+(\S.*)$/;

/** The command typed at a `crash>` prompt; '' for an empty prompt, undefined for any other line. */
export function crashCommand(text: string): string | undefined {
  if (!text.includes('crash')) return undefined;
  const match = CRASH.exec(text);
  return match ? (match[1] ?? '').trim() : undefined;
}

/** The command typed at a shell prompt such as `$ `, `root@pi4:~# ` or `[root@host ~]# `. */
export function shellCommand(text: string): string | undefined {
  return text.length < 2_000 && /[$#%] /.test(text) ? SHELL.exec(text)?.[1]?.trim() : undefined;
}

/** The text of a line; '' beyond the lines given. */
export const textAt = (lines: readonly TextLine[], at: number): string => lines[at]?.text ?? '';

/** The crash command that a block begins with; '' where it has none. */
export const leadingCommand = (lines: readonly TextLine[]): string => crashCommand(textAt(lines, 0)) ?? '';

/** The place of the first line from `at` on that is not blank, at most `within` lines ahead; -1 where there is none. */
export function nextFilled(lines: readonly TextLine[], at: number, within = 3): number {
  for (let i = at; i < Math.min(lines.length, at + within); i++) if (lines[i]?.text.trim() !== '') return i;
  return -1;
}

/** Lines of a block that runs while `belongs` holds; blank lines inside are bridged, as are `gap` foreign ones. */
export function blockOf(
  lines: readonly TextLine[],
  at: number,
  belongs: (text: string) => boolean,
  ends: (text: string) => boolean,
  gap = 1,
): number {
  let end = at;
  let foreign = 0;
  for (let i = at; i < lines.length && foreign <= gap && i - end <= gap + 2; i++) {
    const text = lines[i]?.text ?? '';
    if (i > at && ends(text)) break;
    if (text.trim() === '') continue;
    if (belongs(text)) {
      end = i + 1;
      foreign = 0;
    } else foreign++;
  }
  return end - at;
}

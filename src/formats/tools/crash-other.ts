import type { Parsed } from '../../base/errors.ts';
import type { TextFormat } from '../text/text-format.ts';
import { crashCommand, shellCommand } from './commands.ts';

/** A crash command whose output is not read: listed as seen. */
export interface CrashOther {
  /** As typed; '' for an empty prompt. */
  readonly command: string;
}

/** Begins of other material, where a pasted session was followed by it without a prompt. */
const FOREIGN = /^(?:MemTotal:|slabinfo - version|zzz [*<]|==> )/;
const ENDED = /^(?:q|quit|exit)?$/;

/** Any other line at a `crash>` prompt, with its output: up to the next prompt. */
export const crashOther: TextFormat<'crash-other', CrashOther> = {
  kind: 'crash-other',
  looksFor: 'the prompt "crash> "',
  many: true,

  claim(lines, at) {
    const command = crashCommand(lines[at]?.text ?? '');
    if (command === undefined) return 0;
    if (ENDED.test(command)) return 1;
    let end = at + 1;
    while (end < lines.length && !isEnd(lines[end]?.text ?? '')) end++;
    return end - at;
  },

  parse: (lines): Parsed<CrashOther> => ({
    value: { command: (crashCommand(lines[0]?.text ?? '') ?? '').slice(0, 200) },
    problems: [],
  }),
};

const isEnd = (text: string): boolean =>
  crashCommand(text) !== undefined || FOREIGN.test(text) || shellCommand(text) !== undefined;

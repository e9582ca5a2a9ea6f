import { spellMoment } from '../../../base/spelling.ts';
import { kernelLog } from '../../../model/kernel/kernel-log.ts';
import { parseOptions } from './options.ts';
import { bootTime } from './clock.ts';
import type { ShellWord } from './word.ts';

/** Lines behind the first of a record stand below its text. */
const STAMP = 15;

export const log: ShellWord = {
  name: 'log',
  usage: ['log [-tmT]'],
  summary: "the kernel's log",
  help: [
    '-t  without times',
    '-T  with the time of day (UTC) in place of seconds since boot',
    '-m  with the level of each message',
  ],
  *run({ session }, args) {
    const options = parseOptions('log', args, { flags: ['t', 'T', 'm'] });
    const { value, problems } = kernelLog(session.kernel);
    const boot = options.has('T') ? bootTime(session.kernel) : undefined;
    const stampOf = (seconds: number | undefined): string => {
      if (seconds === undefined || options.has('t')) return '';
      if (boot === undefined) return `[${seconds.toFixed(6).padStart(12)}] `;
      return `[${spellMoment(boot + seconds)}] `;
    };
    const lines = function* (): Generator<string> {
      for (const { seconds, level, text } of value) {
        const head = `${stampOf(seconds)}${options.has('m') ? `<${level}>` : ''}`;
        const [first = '', ...more] = text.split('\n');
        yield `${head}${first}`;
        for (const line of more) yield `${' '.repeat(head === '' ? 0 : STAMP)}${line}`;
      }
    };
    yield { kind: 'log', lines: lines() };
    yield { kind: 'problems', problems };
    if (options.has('T') && boot === undefined)
      yield { kind: 'problems', problems: ['the dump does not say when the machine was started'] };
  },
};

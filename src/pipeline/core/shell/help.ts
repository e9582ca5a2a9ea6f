import { InputError } from '../../../sources/input-error.ts';
import type { ShellWord } from './word.ts';

const NAME = 10;

/** What the lines can do beside words. */
const LINES: readonly string[] = [
  'Output can go on to a shell: kmem -s | grep dentry | head; or to a file: ps > tasks.txt, >> adds to it.',
  '< FILE runs the commands in a file; !COMMAND runs one of the system; # begins a comment.',
  'Long output goes through $PAGER (less) on a terminal; set scroll off ends that.',
  'Addresses: hexadecimal with or without 0x, symbols, symbol+0x10, expressions as in help eval.',
];

/** Explains the words it is given. */
export const helpOn = (words: () => readonly ShellWord[]): ShellWord => ({
  name: 'help',
  usage: ['help [WORD …]'],
  summary: 'this, or what a word does',
  help: [],
  completes: ['word'],
  *run(_, args) {
    const known = words();
    if (args.length === 0) {
      const list = known.map(({ name, summary }) => `${name.padEnd(NAME)}${summary}`);
      return yield {
        kind: 'text',
        lines: [...list, `${'q'.padEnd(NAME)}ends, as quit, exit and Ctrl-D do`, '', ...LINES],
      };
    }
    for (const arg of args) {
      const word = known.find(({ name }) => name === arg);
      if (!word) throw new InputError('help', `no word ${arg}`, 'help lists them');
      const { usage, summary, help } = word;
      const lines = ['', summary, ...usage.map((line) => `  ${line}`), ...(help.length > 0 ? [''] : []), ...help, ''];
      yield { kind: 'text', lines };
    }
  },
});

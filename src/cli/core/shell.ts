import type { Command } from 'commander';
import type { CoreSession } from '../../pipeline/core/session.ts';
import { escapeLine, type Outcome } from '../output.ts';
import { symbolsOption, withSession, type CoreOptions } from './with-session.ts';

interface ShellOptions extends CoreOptions {
  readonly command?: readonly string[];
  readonly input?: string;
}

/** `kleak core shell`: a prompt that understands the words that crash users know. */
export function addShell(core: Command, outcome: Outcome): void {
  const collect = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];
  symbolsOption(core.command('shell <dump>'))
    .summary('a prompt that understands the words of crash: kmem, rd, struct, ps, bt …')
    .option('-c, --command <command>', 'run a command and end; may be given more than once', collect)
    .option('-i, --input <file>', 'first run the commands in a file')
    .addHelpText('after', EXAMPLES)
    .action(async (dump: string, options: ShellOptions) => {
      await withSession(dump, options, (session) => runShell(session, options));
      outcome.status = 0;
    });
}

const EXAMPLES = `
help lists the words of the shell. What is no terminal is read as commands, one a line.

  kleak core shell vmcore -c 'kmem -i' -c 'ps -k | head'
  echo 'kmem -S dentry | grep -c "^  \\["' | kleak core shell vmcore`;

async function runShell(session: CoreSession, options: ShellOptions): Promise<void> {
  const { Shell } = await import('../../pipeline/core/shell/shell.ts');
  const { LineRunner, readCommands } = await import('./shell/run-line.ts');
  const { prompt, runLines } = await import('./shell/prompt.ts');
  const shell = new Shell(session);
  const isTerminal = process.stdin.isTTY && process.stdout.isTTY && options.command === undefined;
  const runner = new LineRunner(shell, isTerminal);
  const first = options.input === undefined ? [] : readCommands(options.input);
  for (const line of [...first, ...(options.command ?? [])]) if (!(await runner.run(line))) return;
  if (options.command) return;
  if (!isTerminal) return runLines(runner);
  process.stdout.write(escapeLine(`${greeting(session)}\n`));
  return prompt(shell, runner);
}

const greeting = ({ kernel, dump }: CoreSession): string =>
  `Linux ${kernel.release}, ${kernel.machine}, ${dump.container}: ${kernel.file}\nhelp lists the words, q ends.`;

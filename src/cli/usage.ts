import { existsSync } from 'node:fs';
import type { Command, CommanderError, HelpConfiguration } from 'commander';

/** How `--help` looks in every command. */
export const helpLook: HelpConfiguration = {
  // Names of commands are long: what they do is wrapped beside them all the same.
  minWidthToWrap: 24,
  subcommandTerm: (command) =>
    [command.name(), ...command.registeredArguments.map((argument) => nameOf(argument))].join(' '),
  // A command that needs no more words than the list has shows those.
  commandDescription: (command) => command.description() || sentence(command.summary()),
};

const nameOf = (argument: { name(): string; required: boolean; variadic: boolean }): string => {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
};

const sentence = (words: string): string => (words === '' ? '' : `${words[0]?.toUpperCase()}${words.slice(1)}.`);

/** The line for a command line that cannot be understood: what is wrong, and what may have been meant. */
export function usageLine(program: Command, args: readonly string[], cause: CommanderError): string {
  const command = commandOf(program, args);
  const name = pathOf(command);
  const word = /^error: unknown command '(.+)'$/m.exec(cause.message)?.[1];
  // A file in place of a command, as other tools take it.
  if (word !== undefined && (word.includes('/') || existsSync(word))) {
    return `${word}: is no command; for a file or folder: ${name} ${command === program ? 'diagnose' : 'info'} ${word}`;
  }
  const [what = '', meant] = cause.message
    .replace(/^error: /, '')
    .replace(' is invalid. ', ' is invalid: ')
    .split('\n');
  const guess = /^\(Did you mean (.+)\?\)$/.exec(meant ?? '')?.[1];
  // Options without a command are those of diagnose.
  const helps =
    command.commands.length === 0 || args[0]?.startsWith('-') === true
      ? `${command === program ? 'kleak diagnose' : name} --help shows how it is called`
      : `${name} --help lists the commands`;
  return `${what.replace(/\.$/, '')}; ${guess === undefined ? '' : `did you mean ${guess}? `}${helps}`;
}

/** The command that the arguments lead to, as far as they name one. */
function commandOf(program: Command, args: readonly string[]): Command {
  const [first, ...rest] = args;
  const next = program.commands.find((command) => command.name() === first);
  return next ? commandOf(next, rest) : program;
}

const pathOf = (command: Command): string =>
  command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();

import type { Command } from 'commander';
import { writeOut, type Outcome } from '../output.ts';
import { addCompare } from './compare.ts';
import { addExport } from './export.ts';
import { addShell } from './shell.ts';
import { LEAK_COMMANDS } from './leak-commands.ts';
import { MEMORY_COMMANDS } from './memory-commands.ts';
import type { SubCommand } from './sub-command.ts';
import { symbolsOption, withSession, type CoreOptions } from './with-session.ts';

const SUB_COMMANDS: readonly SubCommand[] = [
  {
    name: 'info',
    args: [],
    summary: 'which kernel, how the dump is packed, what it holds',
    async answer(session) {
      const { coreInfo } = await import('../../pipeline/core/info.ts');
      const { renderCoreInfo } = await import('../../report/core/info-text.ts');
      const document = coreInfo(session);
      return { document, text: () => renderCoreInfo(document) };
    },
  },
  {
    name: 'slabs',
    args: [],
    summary: 'every slab cache: objects in use, slabs, bytes, other names',
    async answer(session) {
      const { coreSlabs } = await import('../../pipeline/core/slabs.ts');
      const { renderCoreSlabs } = await import('../../report/core/slabs-text.ts');
      const document = coreSlabs(session);
      return { document, text: () => renderCoreSlabs(document) };
    },
  },
  {
    name: 'groups',
    args: ['<cache>'],
    summary: 'the objects of a cache by content: what they are, whose, and what nothing leads to',
    async answer(session, [cache = '']) {
      const { coreGroups } = await import('../../pipeline/core/groups.ts');
      const { renderGroups } = await import('../../report/core/groups-text.ts');
      const document = coreGroups(session, cache);
      return { document, text: () => renderGroups(document) };
    },
  },
  {
    name: 'whatis',
    args: ['<address>'],
    summary: 'what lies at an address: symbol, page, slab object and its state',
    async answer(session, [address = '']) {
      const { coreWhatis } = await import('../../pipeline/core/look-up.ts');
      const { renderWhatis } = await import('../../report/core/address-text.ts');
      const document = coreWhatis(session, address);
      return { document, text: () => renderWhatis(document) };
    },
  },
  {
    name: 'sym',
    args: ['<name-or-address>'],
    summary: 'a symbol, either way',
    async answer(session, [text = '']) {
      const { coreSym } = await import('../../pipeline/core/look-up.ts');
      const { renderSymbols } = await import('../../report/core/address-text.ts');
      const document = coreSym(session, text);
      return { document, text: () => renderSymbols(document) };
    },
  },
  {
    name: 'read',
    args: ['<address>', '[count]'],
    summary: 'memory, as words of eight bytes',
    async answer(session, [address = '', count]) {
      const { coreRead } = await import('../../pipeline/core/look-up.ts');
      const { renderRead } = await import('../../report/core/address-text.ts');
      const document = coreRead(session, address, count);
      return { document, text: () => renderRead(document) };
    },
  },
  {
    name: 'struct',
    args: ['<type>', '[address]'],
    summary: 'a struct in memory, or without an address how it is laid out: page, page.flags, task_struct.comm,pid',
    async answer({ kernel }, [type = '', address]) {
      const { coreLayout, coreStruct } = await import('../../pipeline/core/struct.ts');
      const { renderLayout, renderStruct } = await import('../../report/core/struct-text.ts');
      if (address === undefined) {
        const layout = coreLayout(kernel, type);
        return { document: layout, text: () => renderLayout(layout) };
      }
      const document = coreStruct(kernel, type, address);
      return { document, text: () => renderStruct(document) };
    },
  },
  ...MEMORY_COMMANDS,
  ...LEAK_COMMANDS,
];

/** `kleak core SUB DUMP …`: what a crash dump holds, with nothing but the dump. */
export function addCore(program: Command, outcome: Outcome, version: string): void {
  const core = program
    .command('core')
    .summary('crash dumps: what a dump holds, with nothing but the dump')
    .description(
      'Opens a crash dump (kdump, ELF, flattened, split; a live kernel is /proc/kcore) with the symbols and types that it holds itself.',
    )
    .helpGroup('Dig:');
  for (const sub of SUB_COMMANDS) {
    common(core.command(`${sub.name} <dump>${sub.args.map((arg) => ` ${arg}`).join('')}`))
      .summary(sub.summary)
      .option('--json', 'print the document as JSON')
      .action(async (...given: unknown[]) => {
        const { dump, args, options } = parts(given);
        await withSession(dump, options, async (session) => {
          const answer = await sub.answer(session, args);
          const text = options.json === true ? `${JSON.stringify(answer.document, undefined, 2)}\n` : answer.text();
          await writeOut(text, options.output);
        });
        outcome.status = 0;
      });
  }
  addObjects(core, outcome);
  addExport(core, outcome, version);
  addShell(core, outcome);
  addCompare(core, outcome);
}

function addObjects(core: Command, outcome: Outcome): void {
  common(core.command('objects <dump> <cache>'))
    .summary('every object of a slab cache and its state, a JSON document a line')
    .option('--json', 'one JSON document instead of lines')
    .action(async (dump: string, cache: string, options: CoreOptions) => {
      const { coreObjects } = await import('../../pipeline/core/slabs.ts');
      const { writeLines } = await import('./write-lines.ts');
      await withSession(dump, options, async (session) => {
        const objects = coreObjects(session, cache);
        if (options.json === true)
          await writeOut(`${JSON.stringify({ cache, objects: [...objects] })}\n`, options.output);
        else await writeLines(objects, options.output);
      });
      outcome.status = 0;
    });
}

const common = (command: Command): Command =>
  symbolsOption(command).option('-o, --output <file>', 'write to a file instead of standard output');

/** Commander hands over the arguments, the options and the command. */
function parts(given: readonly unknown[]): {
  dump: string;
  args: readonly (string | undefined)[];
  options: CoreOptions;
} {
  const [dump, ...rest] = given.slice(0, -2).map((arg) => (typeof arg === 'string' ? arg : undefined));
  const options: unknown = given.at(-2);
  return { dump: dump ?? '', args: rest, options: isOptions(options) ? options : {} };
}

const isOptions = (value: unknown): value is CoreOptions => typeof value === 'object' && value !== null;

import type { SubCommand } from './sub-command.ts';

/** What is leaked, what holds what. */
export const LEAK_COMMANDS: readonly SubCommand[] = [
  {
    name: 'refs',
    args: ['<address>'],
    summary: 'who points there, the shortest way from a root, and what alone keeps it',
    async answer(session, [address = '']) {
      const { coreRefs } = await import('../../pipeline/core/refs.ts');
      const { renderRefs } = await import('../../report/core/refs-text.ts');
      const document = coreRefs(session, address);
      return { document, text: () => renderRefs(document) };
    },
  },
];

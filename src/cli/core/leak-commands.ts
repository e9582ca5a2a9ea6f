import type { SubCommand } from './sub-command.ts';

/** What is leaked, what holds what. */
export const LEAK_COMMANDS: readonly SubCommand[] = [
  {
    name: 'leaks',
    args: [],
    summary: 'what is in use and nothing in memory leads to, by content, type and maker',
    async answer(session) {
      const { coreLeaks } = await import('../../pipeline/core/leaks.ts');
      const { renderLeaks } = await import('../../report/core/leaks-text.ts');
      const document = coreLeaks(session);
      return { document, text: () => renderLeaks(document) };
    },
  },
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
  {
    name: 'refcounts',
    args: [],
    summary: 'reference counts that are above what refers to the object: dentries, mounts, files, tasks …',
    async answer(session) {
      const { coreRefcounts } = await import('../../pipeline/core/holders.ts');
      const { renderRefcounts } = await import('../../report/core/holders-text.ts');
      const document = coreRefcounts(session);
      return { document, text: () => renderRefcounts(document) };
    },
  },
  {
    name: 'dentries',
    args: [],
    summary: 'names that the kernel keeps, by directory: negative ones, unused ones',
    async answer(session) {
      const { coreDentries } = await import('../../pipeline/core/holders.ts');
      const { renderDentries } = await import('../../report/core/holders-text.ts');
      const document = coreDentries(session);
      return { document, text: () => renderDentries(document) };
    },
  },
  {
    name: 'sockets',
    args: [],
    summary: 'sockets by protocol, state and the process that has them open',
    async answer(session) {
      const { coreSockets } = await import('../../pipeline/core/holders.ts');
      const { renderSockets } = await import('../../report/core/holders-text.ts');
      const document = coreSockets(session);
      return { document, text: () => renderSockets(document) };
    },
  },
  {
    name: 'cgroups',
    args: [],
    summary: 'memory cgroups, those that are dying first: what is charged to them, and what keeps them',
    async answer(session) {
      const { coreCgroups } = await import('../../pipeline/core/cgroups.ts');
      const { renderCgroups } = await import('../../report/core/cgroups-text.ts');
      const document = coreCgroups(session);
      return { document, text: () => renderCgroups(document) };
    },
  },
  {
    name: 'allocations',
    args: [],
    summary: 'memory by the line of source that allocated it, where the kernel keeps a profile (since 6.10)',
    async answer(session) {
      const { coreAllocations } = await import('../../pipeline/core/allocations.ts');
      const { renderAllocations } = await import('../../report/core/allocations-text.ts');
      const document = coreAllocations(session);
      return { document, text: () => renderAllocations(document) };
    },
  },
];

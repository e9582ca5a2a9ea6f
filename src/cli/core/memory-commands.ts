import type { SubCommand } from './sub-command.ts';

/** What each page of a dump is used for, and by whom. */
export const MEMORY_COMMANDS: readonly SubCommand[] = [
  {
    name: 'memory',
    args: [],
    summary: 'where the memory is: every page of RAM counted once, and what is left',
    async answer(session) {
      const { coreMemory } = await import('../../pipeline/core/memory.ts');
      const { renderCoreMemory } = await import('../../report/core/memory-text.ts');
      const document = coreMemory(session);
      return { document, text: () => renderCoreMemory(document) };
    },
  },
  {
    name: 'pages',
    args: [],
    summary: 'pages by use, with examples; unexplained ones by size and, where the kernel knows, by owner',
    async answer(session) {
      const { corePages } = await import('../../pipeline/core/page-uses.ts');
      const { renderCorePages } = await import('../../report/core/pages-text.ts');
      const document = corePages(session);
      return { document, text: () => renderCorePages(document) };
    },
  },
  {
    name: 'tasks',
    args: [],
    summary: 'processes, threads, idle tasks: state, CPU, memory',
    async answer(session) {
      const { coreTasks } = await import('../../pipeline/core/tasks.ts');
      const { renderCoreTasks } = await import('../../report/core/tasks-text.ts');
      const document = coreTasks(session);
      return { document, text: () => renderCoreTasks(document) };
    },
  },
  {
    name: 'vmalloc',
    args: [],
    summary: 'areas of vmalloc space by who asked for them',
    async answer(session) {
      const { coreVmalloc } = await import('../../pipeline/core/vmalloc.ts');
      const { renderCoreVmalloc } = await import('../../report/core/vmalloc-text.ts');
      const document = coreVmalloc(session);
      return { document, text: () => renderCoreVmalloc(document) };
    },
  },
  {
    name: 'percpu',
    args: [],
    summary: 'per-CPU memory: chunks, and what was handed out by size',
    async answer(session) {
      const { corePercpu } = await import('../../pipeline/core/percpu.ts');
      const { renderCorePercpu } = await import('../../report/core/percpu-text.ts');
      const document = corePercpu(session);
      return { document, text: () => renderCorePercpu(document) };
    },
  },
];

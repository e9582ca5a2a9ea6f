import { afterAll, describe, expect, it } from 'vitest';
import { realDumps, WHERE_DUMPS_ARE } from '../../../../testkit/real-dumps.ts';
import { shellSays } from '../../../../testkit/shell-says.ts';
import { CoreSession } from '../session.ts';
import { Shell } from './shell.ts';

const dumps = realDumps();

/** Rows under a head, their cells parted by blanks; what was wrong stands in parentheses below. */
const rows = (text: string): string[][] =>
  text
    .trimEnd()
    .split('\n')
    .slice(1)
    .filter((line) => !line.startsWith('('))
    .map((line) => line.replace(/^>/, ' ').trim().split(/\s+/));

describe.skipIf(dumps.length === 0)(`the shell on real dumps (${WHERE_DUMPS_ARE})`, () => {
  describe.each(dumps)('$name', ({ path, proc }) => {
    const session = CoreSession.open(path);
    afterAll(() => session.close());
    const shell = new Shell(session);
    const says = (line: string): string => shellSays(shell, line);
    const meminfo = proc('meminfo');
    const pages = (name: string): number =>
      Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(meminfo ?? '')?.[1]) / (session.kernel.memory.pageSize / 1024);

    it('lists tasks, the first process among them, and what ran', () => {
      const tasks = rows(says('ps'));
      expect(tasks.filter((cells) => cells[0] === '1')).toEqual([expect.arrayContaining(['IN', 'init'])]);
      expect(tasks.filter((cells) => cells[0] === '2').map((cells) => cells.at(-1))).toEqual(['[kthreadd]']);
      expect(rows(says('ps -k')).length + rows(says('ps -u')).length).toBe(tasks.length);
      expect(says('ps -A')).toMatch(/^>/m);
    });

    it.skipIf(meminfo === undefined)('counts memory as /proc/meminfo did seconds before (needs its copy)', () => {
      const usage = new Map(
        rows(says('kmem -i')).map((cells) => [cells.slice(0, 2).join(' '), cells.find((cell) => /^\d+$/.test(cell))]),
      );
      expect(Number(usage.get('TOTAL MEM'))).toBe(pages('MemTotal'));
      expect(Math.abs(Number(usage.get('COMMIT LIMIT')) - pages('CommitLimit'))).toBeLessThanOrEqual(1);
      expect(
        Number(usage.get(says('kmem -i').split('\n')[2]?.trim().split(/\s+/).slice(0, 2).join(' ') ?? '')),
      ).toBeGreaterThan(0);
    });

    it('finds every stack: it begins where the scheduler switched, and ends where the kernel was entered', () => {
      const stacks = says('foreach bt').split('\n\n');
      expect(stacks.length).toBe(shell.tasks.length);
      const sleeping = stacks.filter((text) => !text.includes('swapper/'));
      expect(sleeping.filter((text) => !/ #0 \[[0-9a-f]{16}\] (?:__schedule|__switch_to) at /.test(text))).toEqual([]);
      expect(
        sleeping.filter(
          (text) => !/(?:ret_from_fork(?:_asm)?|entry_SYSCALL_64\S*|el0t?_\S+|fork_usermode\S*|asm_\S+) at /.test(text),
        ),
      ).toEqual([]);
      expect(stacks.filter((text) => !/\(unwound by (?:ORC|frame pointers)\)$/.test(text.trimEnd()))).toEqual([]);
    });

    it('lists files and mounts by their paths', () => {
      // A dump that lacks slabs (6.12, taken with a makedumpfile that did not know them) has the beginning of a path only.
      expect(says('files 1')).toMatch(/ROOT: \/ {4}CWD: \/\n FD .*\n {2}0 .* CHR {2}(?:\/dev\/console|…\/)\n/);
      const mounts = rows(says('mount'));
      expect(mounts.map((cells) => cells[2])).toEqual(expect.arrayContaining(['rootfs', 'proc', 'sysfs', 'devtmpfs']));
      expect(mounts.find((cells) => cells[2] === 'rootfs')?.[4]).toBe('/');
      expect(mounts.find((cells) => cells[2] === 'proc')?.[4]).toMatch(/^(?:\/proc|…\/)$/);
    });

    it.skipIf(proc('modules') === undefined)('lists modules as /proc/modules does (needs its copy)', () => {
      const known = proc('modules');
      const names = rows(says('mod')).map((cells) => cells[1]);
      const expected = (known ?? '').split('\n').flatMap((line) => line.split(' ')[0] || []);
      expect(new Set(names)).toEqual(new Set(expected));
    });

    it('shows the log', () => {
      expect(says('log')).toMatch(/^\[ +\d+\.\d{6}\] (?:Booting Linux .*\n.*)?Linux version /);
      expect(says('log -T')).toMatch(/^\[(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \w{3} [ \d]\d \d\d:\d\d:\d\d UTC \d{4}\] /);
    });

    it('counts free blocks as their zones do, within what CPUs have not told yet', () => {
      const [, counted = '', found = counted] =
        /^nr_free_pages: (\d+) {2}\((?:verified|found (\d+))\)$/m.exec(says('kmem -f')) ?? [];
      expect(Math.abs(Number(counted) - Number(found))).toBeLessThan(100);
    });

    it('finds what points to the first process', () => {
      const [task] = rows(says('ps 1'));
      const hits = says(`search ${task?.[3] ?? ''}`)
        .trimEnd()
        .split('\n');
      expect(hits.length).toBeGreaterThan(5);
      const [place = ''] = hits[0]?.split(':') ?? [];
      expect(says(`rd -x ${place}`)).toBe(`${place}:  ${task?.[3] ?? ''}\n`);
    });

    it('knows what the first process is', () => {
      const [task] = rows(says('ps 1'));
      const text = says(`kmem ${task?.[3] ?? ''}`);
      expect(text).toContain(`[${task?.[3] ?? ''}]`);
      expect(text).toContain('COMMAND: "init"');
      expect(says('task -R pid,comm 1')).toContain('  pid = 1,\n  comm = "init",\n');
    });

    it('shows the machine', () => {
      expect(says('sys')).toContain(`RELEASE: ${session.kernel.release}\n`);
      expect(says('kmem -n')).toMatch(/ {2}0 {3}(?:DMA|DMA32|Normal) +\d+ /);
      expect(says('kmem -v').split('\n').length).toBeGreaterThan(5);
      expect(says('kmem -V')).toContain('NR_FREE_PAGES: ');
    });
  });
});

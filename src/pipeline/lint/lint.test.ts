import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../../testkit/manifest.ts';
import type { LintFinding } from '../../findings/lint.ts';
import { lint, type LintOptions } from './lint.ts';

const folder = mkdtempSync(join(tmpdir(), 'kleak-lint-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let made = 0;

/** Findings in some C, in a folder of its own. */
async function findingsIn(text: string, options: LintOptions = {}): Promise<readonly LintFinding[]> {
  const file = join(folder, `case-${made++}.c`);
  writeFileSync(file, text);
  return (await lint([file], { jobs: 1, ...options })).findings;
}
const rulesIn = async (text: string): Promise<readonly string[]> => (await findingsIn(text)).map(({ id }) => id);

describe('the modules of the lab', () => {
  it('are found to leak what was planted in them, and nothing else', async () => {
    const { findings, unread } = await lint([join(ROOT, 'lab/modules')], { jobs: 1 });
    const found = findings.map(({ id, function: name }) => `${id} ${name}`);
    expect(found.toSorted()).toEqual([
      'lost-reference khm_ioctl',
      'lost-reference khm_ioctl',
      'lost-reference khm_ioctl',
      'never-freed x40_alloc_mapped_page',
      'open-release-pair testmod_open',
      'put-after-close scan_and_close',
    ]);
    expect(unread).toEqual([]);
  });
});

describe('a way out that forgets', () => {
  const body = (early: string): string => `int f(struct device *dev)
{
	char *buf = kmalloc(8, GFP_KERNEL);
	int ret;

	if (!buf)
		return -ENOMEM;
	ret = read_registers(dev, buf);
	if (ret)
		${early}
	kfree(buf);
	return 0;
out:
	kfree(buf);
	return ret;
}
`;
  it('is found with the steps that lead there, and not where it frees', async () => {
    const [finding, ...more] = await findingsIn(body('return ret;'));
    expect(finding).toMatchObject({ id: 'lost-allocation', line: 3, function: 'f' });
    expect(finding?.path.map(({ line }) => line)).toEqual([3, 6, 9, 10]);
    expect(more).toEqual([]);
    expect(await rulesIn(body('goto out;'))).toEqual([]);
  });

  it('is none where the allocation itself failed, or the same condition holds again', async () => {
    const text = `int f(bool big)
{
	char *p = NULL;

	if (big) {
		p = kmalloc(8, GFP_KERNEL);
		if (!p)
			return -ENOMEM;
	}
	work();
	if (big)
		kfree(p);
	return 0;
}
`;
    expect(await rulesIn(text)).toEqual([]);
  });

  it.each([
    ['devm_', 'char *p = devm_kzalloc(dev, 8, GFP_KERNEL);'],
    ['__free()', 'char *p __free(kfree) = kzalloc(8, GFP_KERNEL);'],
  ])('is none with %s', async (_, line) => {
    expect(
      await rulesIn(
        `int f(struct device *dev)\n{\n\t${line}\n\n\tif (!p)\n\t\treturn -ENOMEM;\n\treturn use(dev);\n}\n`,
      ),
    ).toEqual([]);
  });
});

describe('functions of the same file', () => {
  it('are asked what they do with what they are given', async () => {
    const text = (helper: string): string => `static void helper(struct thing *t)
{
	${helper}
}
int f(void)
{
	struct thing *t = kzalloc(sizeof(*t), GFP_KERNEL);

	if (!t)
		return -ENOMEM;
	helper(t);
	return 0;
}
`;
    expect(await rulesIn(text('t->count = 1;'))).toEqual(['lost-allocation']);
    expect(await rulesIn(text('kfree(t);'))).toEqual([]);
    expect(await rulesIn(text('list_add(&t->node, &all_things);'))).toEqual([]);
  });
});

describe('a finding', () => {
  const leak = (comment: string): string =>
    `int f(void)\n{\n\t${comment}\n\tvoid *p = vmalloc(8);\n\n\tif (!p)\n\t\treturn -1;\n\treturn 0;\n}\n`;
  it('is hidden by a comment with a reason, and not by one without', async () => {
    expect(await rulesIn(leak('// kleak-ignore:'))).toEqual(['lost-allocation']);
    const file = join(folder, 'ignored.c');
    writeFileSync(file, leak('// kleak-ignore: lives as long as the machine'));
    const { findings, hidden } = await lint([file], { jobs: 1 });
    expect(findings).toEqual([]);
    expect(hidden.ignored).toMatchObject([{ rule: 'lost-allocation', reason: 'lives as long as the machine' }]);
  });

  it('keeps its fingerprint when lines move', async () => {
    const [a] = await findingsIn(leak(''));
    const file = join(folder, `case-${made - 1}.c`);
    writeFileSync(file, `\n\n\n${leak('')}`);
    const moved = await lint([file], { jobs: 1, baseline: new Set([a?.fingerprint ?? '']) });
    expect(moved.findings).toEqual([]);
    expect(moved.hidden.baseline).toBe(1);
  });
});

describe('bad input', () => {
  it('is listed as unread, and the rest is read', async () => {
    const root = join(folder, 'bad');
    mkdirSync(join(root, 'deep'), { recursive: true });
    writeFileSync(join(root, 'binary.c'), Buffer.from([0, 1, 2, 0]));
    writeFileSync(
      join(root, 'nested.c'),
      `int f(void)\n{\n\tkfree(${'('.repeat(10_000)}p${')'.repeat(10_000)});\n\tkmalloc(1, 2);\n}\n`,
    );
    writeFileSync(join(root, 'open.c'), 'int g(void)\n{\n\tif (x) {\n');
    symlinkSync('..', join(root, 'deep/up'));
    writeFileSync(
      join(root, 'good.c'),
      'int h(void)\n{\n\tvoid *p = vmalloc(8);\n\n\tif (!p)\n\t\treturn -1;\n\treturn 0;\n}\n',
    );
    const { findings, unread } = await lint([root], { jobs: 1 });
    expect(findings.map(({ function: name }) => name)).toEqual(['h']);
    const why = unread.map((entry) => `${entry.what.slice(root.length + 1)}: ${entry.why}`).join('\n');
    expect(why).toMatch(/binary\.c: is binary/);
    expect(why).toMatch(/nested\.c:1: f\(\) is nested deeper than 400 brackets/);
    expect(why).toMatch(/open\.c:2: braces of g\(\) do not close/);
    expect(why).toMatch(/deep\/up: is a symbolic link/);
  });

  it('that is no C at all is refused', async () => {
    await expect(lint([join(folder, 'nowhere')])).rejects.toThrow(/cannot be opened/);
  });
});

describe('threads', () => {
  it('find what one finds', { timeout: 120_000 }, async () => {
    // Two parts, each too large to be read with the other.
    const root = join(folder, 'parts');
    const filler = `/*${'x'.repeat(4 * 2 ** 20)}*/\n`;
    for (const part of ['a', 'b']) {
      mkdirSync(join(root, part), { recursive: true });
      writeFileSync(
        join(root, part, 'x.c'),
        `${filler}int ${part}(void)\n{\n\tvoid *p = vmalloc(8);\n\n\tif (!p)\n\t\treturn -1;\n\treturn 0;\n}\n`,
      );
    }
    const one = await lint([root], { jobs: 1 });
    expect(one.findings).toHaveLength(2);
    expect(await lint([root], { jobs: 2 })).toEqual(one);
  });
});

describe('two counts on one thing', () => {
  const twice = (puts: string): string =>
    `int f(unsigned long fd)\n{\n\tstruct file *file = fget(fd);\n\n\tif (!file)\n\t\treturn -EBADF;\n\tget_file(file);\n\t${puts}\n\treturn 0;\n}\n`;
  it('need two puts', async () => {
    expect(await rulesIn(twice('fput(file);'))).toEqual(['lost-reference']);
    expect(await rulesIn(twice('fput(file);\n\tfput(file);'))).toEqual([]);
  });
});

describe('a function that cannot fail', () => {
  it('is not taken to have failed by who returns what it returns', async () => {
    const text = `static int keep(struct thing *t)\n{\n\tlist_add(&t->node, &things);\n\treturn 0;\n}\nint f(void)\n{\n\tstruct thing *t = kzalloc(8, GFP_KERNEL);\n\n\tif (!t)\n\t\treturn -ENOMEM;\n\treturn keep(t);\n}\n`;
    expect(await rulesIn(text)).toEqual([]);
  });
});

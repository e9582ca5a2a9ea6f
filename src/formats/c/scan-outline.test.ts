import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scanOutline } from './scan-outline.ts';

const names = (text: string): readonly string[] => scanOutline(text, 'x.c').functions.map(({ name }) => name);

describe('the outline of a C file', () => {
  it('has functions with their parameters, tables and macros', () => {
    const { functions, tables, macros, problems } = scanOutline(
      `static int __init my_open(struct inode *i, struct file *f)
{
	return single_open(f, show, NULL);
}
static const struct proc_ops ops = { .proc_open = my_open, .proc_release = seq_release };
module_init(my_init);
`,
      'x.c',
    );
    expect(functions).toMatchObject([
      { name: 'my_open', isStatic: true, parameters: [{ name: 'i' }, { name: 'f', type: 'struct file *' }] },
    ]);
    expect([...(functions[0]?.calls ?? [])]).toEqual(['single_open']);
    expect(tables).toMatchObject([
      { type: 'proc_ops', name: 'ops', members: [{ name: 'proc_open', value: 'my_open' }, { name: 'proc_release' }] },
    ]);
    expect(macros).toMatchObject([{ name: 'module_init', args: ['my_init'] }]);
    expect(problems).toEqual([]);
  });

  it('counts braces that both branches of #if open once', () => {
    expect(names('int a(void)\n{\n#ifdef X\n	if (x) {\n#else\n	if (y) {\n#endif\n	}\n}\nint b(void)\n{\n}\n')).toEqual([
      'a',
      'b',
    ]);
  });

  it('leaves out what #if 0 leaves out, comments and strings', () => {
    expect(names('#if 0\nint a(void)\n{\n#endif\n/* int c(void) { */\nint b(void)\n{\n	f("}{");\n}\n')).toEqual(['b']);
  });

  it('names the function whose braces do not close, and reads on behind it', () => {
    const { functions, problems } = scanOutline('int a(void)\n{\n	if (x) {\n}\n\nint b(void)\n{\n}\n', 'x.c');
    expect(functions.map(({ name }) => name)).toContain('b');
    expect(problems).toMatchObject([{ problem: 'braces of a() do not close' }]);
  });

  it('takes any text, however much of it is macros', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'{}()#/*"\'\\\n;=,ai '.split('')) }),
        (text) => void scanOutline(text, 'x.c'),
      ),
    );
    expect(names(`${'#define A(x) x ## {{{ (( \\\n'.repeat(100_000)}\nint last(void)\n{\n}\n`)).toEqual(['last']);
  });
});

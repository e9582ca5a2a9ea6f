import { describe, expect, it } from 'vitest';
import { MADE_BASE, MadeKernel } from '../../../testkit/made-kernel.ts';
import { unloadedModules } from './unloaded-modules.ts';

const LAST = MADE_BASE + 0x1000n;
const HEAD = MADE_BASE + 0x2000n;
const made = (): MadeKernel =>
  new MadeKernel(16, {
    mod_unload_taint: { list: [0, 'list'], name: [16, 'char[56]'], taints: [72, 'long'], count: [80, 'long'] },
  });

describe('modules that were unloaded', () => {
  it('leave the name of the last of them', () => {
    const kernel = made();
    kernel.symbols.set('last_unloaded_module', LAST);
    kernel.text(LAST, 'frob');
    expect(unloadedModules(kernel.kernel)).toEqual(['frob']);
  });

  it('leave theirs on a list where they tainted the kernel', () => {
    const kernel = made();
    kernel.symbols.set('last_unloaded_module', LAST);
    kernel.symbols.set('unloaded_tainted_modules', HEAD);
    kernel.text(LAST, 'frob');
    const entries = [MADE_BASE + 0x3000n, MADE_BASE + 0x4000n];
    kernel.link(HEAD, ...entries);
    kernel.text((entries[0] ?? 0n) + 16n, 'older_one');
    kernel.text((entries[1] ?? 0n) + 16n, 'frob');
    expect(unloadedModules(kernel.kernel)).toEqual(['frob', 'older_one']);
  });

  it('are none where none was, where the name is torn, and where nothing is known', () => {
    const kernel = made();
    expect(unloadedModules(kernel.kernel)).toEqual([]);
    kernel.symbols.set('last_unloaded_module', LAST);
    expect(unloadedModules(kernel.kernel)).toEqual([]);
    kernel.text(LAST, '\u0001\u0002');
    expect(unloadedModules(kernel.kernel)).toEqual([]);
    kernel.exclude(LAST);
    expect(unloadedModules(kernel.kernel)).toEqual([]);
  });
});

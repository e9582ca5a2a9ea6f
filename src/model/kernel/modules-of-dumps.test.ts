import { describe, expect, it } from 'vitest';
import { realDumps, WHERE_DUMPS_ARE } from '../../../testkit/real-dumps.ts';
import { findKallsyms, imageFrom } from '../../formats/kallsyms/find-kallsyms.ts';
import type { SymbolColumns } from '../../formats/symbols/symbol-columns.ts';
import { openKernel } from '../../pipeline/core/open-kernel.ts';
import { kernelLog, logLines } from './kernel-log.ts';
import { kernelModules, type KernelModule } from './modules.ts';

const dumps = realDumps();

/** As /proc/modules writes it: name, size, references, -, state, base, taints. */
const spellModule = ({ name, sizeBytes, references, base, taints }: KernelModule): string =>
  `${name} ${sizeBytes} ${references} - Live 0x${base.toString(16)}${taints === '' ? '' : ` (${taints})`}`;

const namesIn = ({ count, addresses, names }: SymbolColumns): readonly string[] =>
  Array.from({ length: count }, (_, i) => `${addresses[i]} ${names.text(i)}`);

describe.skipIf(dumps.length === 0)(`real dumps (${WHERE_DUMPS_ARE})`, () => {
  it.each(dumps)('$name: modules as /proc/modules had them', ({ path, proc }) => {
    const { dump, kernel } = openKernel([path]);
    const { value, problems } = kernelModules(kernel);
    dump.close();
    expect(problems).toEqual([]);
    const written = proc('modules')?.trimEnd().split('\n');
    expect(value.map(spellModule)).toEqual(written ?? value.map(spellModule));
  });

  it.each(dumps)('$name: a log that can all be read, from boot on', ({ path }) => {
    const { dump, kernel } = openKernel([path]);
    const { value, problems } = kernelLog(kernel);
    dump.close();
    expect(problems).toEqual([]);
    expect(value.length).toBeGreaterThan(50);
    expect(logLines(value).filter((line) => line.includes(`Linux version ${kernel.release}`))).toHaveLength(1);
  });

  it.each(dumps)('$name: the symbols found by searching are all of those that it names', ({ path }) => {
    const { dump, kernel } = openKernel([path]);
    const { memory, symbols, info } = kernel;
    const known = [...info.symbols].map(([name, address]) => ({ name, address }));
    const stext = info.symbols.get('_stext') ?? 0n;
    const found = findKallsyms((address, length) => memory.tryRead(address, length), imageFrom(stext), known);
    const listed = Array.from(symbols.matching(() => true)).filter(({ module }) => module === undefined);
    dump.close();
    expect(found?.problems).toEqual([]);
    expect(found && namesIn(found.value)).toEqual(listed.map(({ address, name }) => `${address} ${name}`));
  });
});

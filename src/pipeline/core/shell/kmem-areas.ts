import type { ShellBlock } from '../../../findings/core/shell-block.ts';
import type { ShellArea } from '../../../findings/core/shell-machine.ts';
import { walkVmalloc, type VmallocArea } from '../../../model/kernel/vmalloc.ts';
import { InputError } from '../../../sources/input-error.ts';
import { spell } from '../addresses.ts';
import type { CoreSession } from '../session.ts';
import { evaluate } from './expression.ts';

/** `kmem -v`: all areas, or those that addresses lie in. Throws InputError for one that lies in none. */
export function* showAreas(session: CoreSession, texts: readonly string[]): Generator<ShellBlock> {
  const { value, problems } = walkVmalloc(session.kernel);
  const found = texts.flatMap((text) => {
    const address = evaluate(session.kernel, 'kmem', text, 'address');
    const here = value.filter((area) => holds(area, address));
    if (here.length > 0) return here;
    throw new InputError('kmem', `${text} lies in no area of vmalloc space`, `kmem ${text} says what it is`);
  });
  yield { kind: 'areas', areas: (texts.length > 0 ? found : value).map(describe) };
  yield { kind: 'problems', problems };
}

export const areasAt = ({ kernel }: CoreSession, address: bigint): readonly ShellArea[] =>
  walkVmalloc(kernel)
    .value.filter((area) => holds(area, address))
    .map(describe);

const holds = ({ start, size }: VmallocArea, address: bigint): boolean =>
  address >= start && address < start + BigInt(size);

const describe = ({ area, descriptor, start, size }: VmallocArea): ShellArea => ({
  ...(area === undefined ? {} : { area: spell(area) }),
  ...(descriptor === undefined ? {} : { descriptor: spell(descriptor) }),
  start: spell(start),
  end: spell(start + BigInt(size)),
  size,
});

import type { CoreAllocations } from '../../findings/core/core-allocations.ts';
import { readAllocTags } from '../../model/kernel/alloc-tags.ts';
import { InputError } from '../../sources/input-error.ts';
import { spell } from './addresses.ts';
import type { CoreSession } from './session.ts';

/** Allocations by line of source. Throws InputError where the kernel does not keep them. */
export function coreAllocations({ kernel }: CoreSession): CoreAllocations {
  const { value, problems } = readAllocTags(kernel);
  if (!value)
    throw new InputError(
      kernel.file,
      'has no profile of its allocations',
      'a kernel keeps one since 6.10 where it was built with CONFIG_MEM_ALLOC_PROFILING and sysctl vm.mem_profiling is 1',
    );
  const sites = value.filter(({ bytes, calls }) => bytes !== 0 || calls !== 0);
  return {
    bytes: sites.reduce((sum, { bytes }) => sum + bytes, 0),
    calls: sites.reduce((sum, { calls }) => sum + calls, 0),
    sites: sites.map(({ address, ...site }) => ({ ...site, address: spell(address) })),
    problems,
  };
}

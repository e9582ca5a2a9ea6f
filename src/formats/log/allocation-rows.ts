import type { Provenance } from '../../base/provenance.ts';
import { bytes, isQuantity } from '../../base/units.ts';
import type { AllocationGroup } from '../detectors/allocation-report.ts';
import { readSize } from './human-size.ts';

const ROW =
  /^\s*([\d.]{1,12} ?[kKMGTP]?i?B?)\s+(\d{1,16}) ([\w.+/-]{1,200}:\d{1,7}) (?:\[([\w-]{1,64})\] )?func:([\w.$]{1,200})\s*$/;

/**
 * A row of "Memory allocations:": `1.19 GiB   310794 mm/mempool.c:638 func:mempool_kvmalloc`. The kernel lists the ten
 * largest call sites; sizes are rounded.
 *
 * Written by mm/show_mem.c __show_mem() since 6.10, with CONFIG_MEM_ALLOC_PROFILING switched on.
 */
export function readAllocationRow(text: string, at: Provenance): AllocationGroup | undefined {
  const [, size = '', calls, source, module, symbol = ''] = ROW.exec(text) ?? [];
  const held = readSize(size);
  if (held === undefined || source === undefined || !isQuantity(held) || !isQuantity(Number(calls))) return undefined;
  return {
    stack: [{ symbol, source, ...(module === undefined ? {} : { module }) }],
    count: Number(calls),
    bytes: bytes(held),
    processes: [],
    samples: [],
    at,
  };
}

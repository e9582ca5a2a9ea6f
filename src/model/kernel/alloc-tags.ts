import type { StructLayout } from '../layouts/struct-layout.ts';
import { viewStruct } from '../layouts/struct-view.ts';
import { ifThere } from '../memory/memory-fault.ts';
import { perCpu, possibleCpus } from './cpus.ts';
import type { Kernel, Walked } from './kernel.ts';
import { u64Variable } from './variables.ts';
import { walkXarray } from './xarray.ts';

/** A line of source that allocates, and what it has in use. Texts are those of the kernel's build and its modules'. */
export interface AllocationSite {
  /** Of its struct alloc_tag. */
  readonly address: bigint;
  readonly file: string;
  readonly line: number;
  readonly function: string;
  readonly module?: string;
  readonly bytes: number;
  /** Allocations in use. */
  readonly calls: number;
}

interface Range {
  readonly start: bigint;
  readonly end: bigint;
}

/** Some 10,000 in a kernel, a few in a module. */
const MOST_TAGS = 1_000_000;
const LONGEST_TEXT = 512;

/**
 * What /proc/allocinfo says: struct alloc_tag of the kernel and its modules, with their counters, the most bytes first
 * (lib/alloc_tag.c, since 6.10). Undefined where the kernel does not profile its allocations, or does so and it is off.
 */
export function readAllocTags(kernel: Kernel): Walked<readonly AllocationSite[] | undefined> {
  const layout = kernel.layouts.struct('alloc_tag');
  if (!layout?.has('ct.lineno') || !layout.has('counters')) return { value: undefined, problems: [] };
  const ranges = rangesOf(kernel);
  const problems: string[] = [];
  const sites: AllocationSite[] = [];
  const read = siteReader(kernel, layout);
  for (const { start, end } of ranges) {
    const count = Number(end - start) / layout.size;
    if (!Number.isInteger(count) || count < 0 || count > MOST_TAGS) {
      problems.push(`the allocation tags at ${start.toString(16)} do not fit their size`);
      continue;
    }
    let unread = 0;
    for (let i = 0; i < count; i++) {
      const site = ifThere(() => read(start + BigInt(i * layout.size)));
      if (site) sites.push(site);
      else unread++;
    }
    if (unread > 0) problems.push(`${unread} of ${count} allocation tags at ${start.toString(16)} cannot be read`);
  }
  const isOn = sites.some(({ bytes, calls }) => bytes !== 0 || calls !== 0);
  return { value: isOn ? sites.toSorted((a, b) => b.bytes - a.bytes) : undefined, problems };
}

/** A reader of single tags, for those that an object or a page leads to. */
export function siteReader(kernel: Kernel, layout: StructLayout): (address: bigint) => AllocationSite {
  const { memory, layouts } = kernel;
  const cpus = possibleCpus(kernel);
  const counter = layouts.struct('alloc_tag_counters');
  const [bytesAt, callsAt] = [counter?.member('bytes')?.offset ?? 0, counter?.member('calls')?.offset ?? 8];
  const texts = new Map<bigint, string>();
  const text = (address: bigint): string => {
    let known = texts.get(address);
    if (known === undefined) texts.set(address, (known = memory.string(address, LONGEST_TEXT)));
    return known;
  };
  return (address) => {
    const view = viewStruct(memory, layouts, layout, address);
    const module = view.pointer('ct.modname');
    const counters = view.pointer('counters');
    let [bytes, calls] = [0n, 0n];
    for (const cpu of counters === 0n ? [] : cpus) {
      const at = perCpu(counters, cpu);
      bytes += memory.u64(at + BigInt(bytesAt));
      calls += memory.u64(at + BigInt(callsAt));
    }
    return {
      address,
      file: text(view.pointer('ct.filename')),
      line: view.number('ct.lineno'),
      function: text(view.pointer('ct.function')),
      ...(module === 0n ? {} : { module: text(module) }),
      // Counters of single CPUs go below zero: an allocation of one is freed by another.
      bytes: Number(BigInt.asIntN(64, bytes)),
      calls: Number(BigInt.asIntN(64, calls)),
    };
  };
}

/** Of the kernel and each module: struct codetag_module, numbered by the type; else the kernel's own section alone. */
function rangesOf(kernel: Kernel): readonly Range[] {
  const { symbols, memory, layouts } = kernel;
  const type = u64Variable(kernel, 'alloc_tag_cttype') ?? 0n;
  const numbers = layouts.member('codetag_type', 'mod_idr.idr_rt')?.offset;
  const layout = layouts.struct('codetag_module');
  const found: Range[] = [];
  if (type !== 0n && numbers !== undefined && layout?.has('range.start')) {
    for (const address of walkXarray(kernel, type + BigInt(numbers))) {
      const range = ifThere(() => {
        const view = viewStruct(memory, layouts, layout, address);
        return { start: view.pointer('range.start'), end: view.pointer('range.stop') };
      });
      if (range && range.end > range.start) found.push(range);
    }
  }
  const [start, end] = [symbols.find('__start_alloc_tags'), symbols.find('__stop_alloc_tags')];
  const own = start !== undefined && end !== undefined && end > start ? { start, end } : undefined;
  return own && !found.some((range) => range.start === own.start) ? [own, ...found] : found;
}

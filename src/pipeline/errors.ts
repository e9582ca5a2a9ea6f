/** The errors that a caller of the pipeline has to expect; any other one is a bug. */
export { LayoutError } from '../model/layouts/layout-error.ts';
export { MemoryFault } from '../model/memory/memory-fault.ts';
export { InputError } from '../sources/input-error.ts';

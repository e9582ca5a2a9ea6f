/** The errors that a caller of the pipeline has to expect; any other one is a bug. */
export { FormatError } from '../base/errors.ts';
export { LayoutError } from '../model/layouts/layout-error.ts';
export { ifThere, MemoryFault } from '../model/memory/memory-fault.ts';
export { InputError } from '../sources/input-error.ts';

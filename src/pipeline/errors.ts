/** The errors that a caller of the pipeline has to expect; any other one is a bug. */
export { InputError } from '../sources/input-error.ts';

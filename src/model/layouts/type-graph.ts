/** The port lies in base, so that the readers of BTF and DWARF can fill it. */
export type * from '../../base/type-graph.ts';

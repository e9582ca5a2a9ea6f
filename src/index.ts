export { bytes, type Bytes } from './base/units.ts';
export type { Comparison } from './findings/comparison.ts';
export type { CoreSymbol, CoreWhatis } from './findings/core/core-address.ts';
export type { CoreInfo, CoreModule } from './findings/core/core-info.ts';
export type { CoreCache, CoreSlabs, ObjectState } from './findings/core/core-slabs.ts';
export type {
  CoreElement,
  CoreLayout,
  CoreLayoutMember,
  CoreMember,
  CoreStruct,
  CoreValue,
} from './findings/core/core-struct.ts';
export type { Accounting, Diagnosis } from './findings/diagnosis.ts';
export type { Evidence, Finding, Layer, Verdict } from './findings/finding.ts';
export { compare } from './pipeline/compare.ts';
export {
  openCore,
  spellAddress,
  type Address,
  type Core,
  type KernelMemory,
  type KernelSymbol,
  type OpenOptions,
  type PageFrame,
  type SlabObject,
  type StructView,
  type SymbolAt,
  type SymbolTable,
} from './pipeline/core/open-core.ts';
export { diagnose } from './pipeline/diagnose.ts';
export { FormatError, ifThere, InputError, LayoutError, MemoryFault } from './pipeline/errors.ts';
export { renderHtml } from './report/html.ts';
export { renderJson } from './report/json.ts';
export { renderMarkdown } from './report/markdown.ts';
export { renderText } from './report/text.ts';

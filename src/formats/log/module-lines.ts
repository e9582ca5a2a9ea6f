import { bytes, isQuantity } from '../../base/units.ts';
import type { TextLine } from '../text/line.ts';
import type { KernelEvent } from './kernel-event.ts';
import { eventAt } from './log-line.ts';

/** lib/alloc_tag.c, since 6.10: what a module had allocated and did not free before it was unloaded. */
const UNLOAD_LEAK =
  /([\w.+/-]{1,200}:\d{1,7}) module ([\w-]{1,64}) func:([\w.$]{1,200}) has (\d{1,16}) allocated at module unload/;
const LINUX = /^\s*Linux version (\S{1,200})/;
/** Banners that drivers print when they are loaded. A device's line (`i40e 0000:3b:00.0: `) is not one. */
const BANNERS: readonly RegExp[] = [
  /^\s*([A-Za-z][\w-]{0,63}): .{0,160}[Dd]river\b.{0,80} - (?:version )?v?(\d+\.\d+[\w.+-]*)/,
  /^\s*([A-Za-z][\w-]{0,63}): .{0,160}[Dd]river (?:\1 )?(?:version )?v?(\d+\.\d+\.\d+[\w.+-]*)/,
  /^\s*([A-Za-z][\w-]{0,63}): [Ll]oaded module v(\d+\.\d+[\w.+-]*)/,
];
const NVIDIA = /^\s*NVRM: loading .{0,80}Kernel Module(?: for \S+)? {1,4}(\d+\.\d+[\w.]*)/;

/** Versions of the kernel and its modules, and what a module left behind. */
export function readModuleLine(line: TextLine, file: string): KernelEvent | undefined {
  const { text } = line;
  if (text.includes('allocated at module unload')) return readUnloadLeak(line, file);
  const release = line.logged === true ? LINUX.exec(text)?.[1] : undefined;
  if (release !== undefined) return { kind: 'release', ...eventAt(file, line), release };
  const nvidia = NVIDIA.exec(text)?.[1];
  if (nvidia !== undefined)
    return { kind: 'module-version', ...eventAt(file, line), module: 'nvidia', version: nvidia };
  if (!/[Dd]river|oaded module/.test(text)) return undefined;
  const [, module, version] = BANNERS.map((banner) => banner.exec(text)).find((found) => found !== null) ?? [];
  if (module === undefined || version === undefined) return undefined;
  return {
    kind: 'module-version',
    ...eventAt(file, line),
    module: module === 'ZFS' || module === 'SPL' ? module.toLowerCase() : module,
    version,
  };
}

function readUnloadLeak(line: TextLine, file: string): KernelEvent | undefined {
  const [, source, module = '', symbol = '', size] = UNLOAD_LEAK.exec(line.text) ?? [];
  if (source === undefined || !isQuantity(Number(size))) return undefined;
  return {
    kind: 'module-unload-leak',
    ...eventAt(file, line),
    module,
    function: symbol,
    source,
    bytes: bytes(Number(size)),
  };
}

import type { Problem } from '../../base/errors.ts';
import type { VmcoreInfo } from '../../formats/vmcoreinfo.ts';
import { AddressSpace, type LinearMap } from './address-space.ts';
import { arm64Tables } from './arm64.ts';
import type { PhysicalMemory } from './physical-memory.ts';
import { PageTables, type TableFormat } from './translation.ts';
import { X86_IMAGE_BASE, x86Tables } from './x86-64.ts';

/** What a container claims beside its memory. */
export interface DumpClaims {
  readonly physical: PhysicalMemory;
  readonly machine: 'x86-64' | 'aarch64' | 'unknown';
  readonly info: VmcoreInfo;
  readonly claimedPhysBase?: bigint;
  readonly segments: readonly { readonly virtual: bigint; readonly physical: number; readonly size: number }[];
  /** For problems. */
  readonly file: string;
}

export interface FoundKernel {
  readonly machine: 'x86-64' | 'aarch64';
  readonly memory: AddressSpace;
  /** What is added to the address of a symbol of the image to have its physical address. */
  readonly imageDelta: bigint;
  readonly directMap?: LinearMap;
  readonly problems: readonly Problem[];
}

/**
 * Finds how the kernel of a dump maps its memory. Every claim (VMCOREINFO's, the header's, the segments') is only a
 * candidate: it counts when the kernel's name and release stand where it says, and when the page tables that it leads to
 * map `_stext` to the same place. Where no claim holds, the image is searched for. Returns undefined where nothing fits.
 */
export function findKernel(claims: DumpClaims): FoundKernel | undefined {
  // Only arm64 writes VA_BITS; a container need not name its machine.
  const likely = claims.info.numbers.has('VA_BITS') ? ('aarch64' as const) : ('x86-64' as const);
  const machines = [claims.machine === 'unknown' ? likely : claims.machine];
  for (const machine of machines) {
    const found = machine === 'x86-64' ? findX86(claims) : findArm64(claims);
    if (found) return found;
  }
  return undefined;
}

function findX86(claims: DumpClaims): FoundKernel | undefined {
  const { info, physical } = claims;
  const five = info.numbers.get('pgtable_l5_enabled') === 1n;
  const encryption = info.numbers.get('sme_mask') ?? 0n;
  const formats = (five ? ([5, 4] as const) : ([4, 5] as const)).map((levels) => x86Tables(levels, encryption));
  const root =
    info.symbols.get('init_top_pgt') ?? info.symbols.get('init_level4_pgt') ?? info.symbols.get('swapper_pg_dir');
  const delta = (physBase: bigint): bigint => physBase - X86_IMAGE_BASE;
  const claimed = [
    ...candidates(info.numbers.get('phys_base')),
    ...claims.segments
      .filter((s) => s.virtual >= X86_IMAGE_BASE)
      .map((s) => BigInt(s.physical) - (s.virtual - X86_IMAGE_BASE)),
    ...candidates(claims.claimedPhysBase),
  ].map(delta);
  // Where a kernel does not say (before 4.10), the smaller of the two: modules begin behind it, and the tables know the rest.
  const size = info.numbers.get('KERNEL_IMAGE_SIZE') === 2n ** 30n ? 2n ** 30n : 2n ** 29n;
  const settled = settle(claims, claimed, formats, root, 21);
  if (!settled) return undefined;
  const { tables, imageDelta } = settled;
  const image = { virtual: X86_IMAGE_BASE, physical: Number(imageDelta + X86_IMAGE_BASE), size };
  const known = Number(imageDelta + (info.symbols.get('init_uts_ns') ?? 0n));
  const direct = lowestDirectMap(tables, physical, known);
  return finish(claims, 'x86-64', settled, [image, ...(direct ? [direct] : [])], direct);
}

/** The direct map is the lowest thing that the kernel half maps, and begins with page 0; below it there is but damage. */
function lowestDirectMap(
  { walk, format }: Settled['tables'],
  physical: PhysicalMemory,
  known: number,
): LinearMap | undefined {
  const half = format.levels === 5 ? 0xff00000000000000n : 0xffff800000000000n;
  const tried = new Set<bigint>();
  for (const { virtual, physical: at } of walk.mappings(half, X86_IMAGE_BASE)) {
    const offset = virtual - BigInt(at);
    if (tried.has(offset)) continue;
    const map = directMap(physical, offset, 0);
    if (isMapped(map, walk, physical, known)) return map;
    if (tried.add(offset).size >= MOST_OFFSETS) return undefined;
  }
  return undefined;
}

/** Damaged tables map this and that before the direct map. */
const MOST_OFFSETS = 4096;

function findArm64(claims: DumpClaims): FoundKernel | undefined {
  const { info, physical } = claims;
  const pageSize = info.pageSize ?? 4096;
  const configured = addressBits(info.numbers.get('VA_BITS')) ?? 48;
  const actual = addressBits(64n - (info.numbers.get('TCR_EL1_T1SZ') ?? 0n)) ?? configured;
  const formats = [...new Set([actual, configured, 48, 39])].map((bits) => arm64Tables(pageSize, bits));
  const voffset = info.numbers.get('kimage_voffset');
  const upperHalf = 2n ** 64n - 2n ** BigInt(configured - 1);
  const claimed = [
    ...(voffset === undefined ? [] : [-BigInt.asUintN(64, voffset)]),
    ...claims.segments.filter((s) => s.virtual >= upperHalf).map((s) => BigInt(s.physical) - s.virtual),
  ];
  const settled = settle(claims, claimed, formats, info.symbols.get('swapper_pg_dir'), 16);
  if (!settled) return undefined;
  // Below zero where KASLR moved the direct map, or where the machine has fewer bits than the kernel is configured for.
  const start = BigInt.asIntN(64, info.numbers.get('PHYS_OFFSET') ?? 0n);
  // Since 5.4 (commit 14c127c957c1) the direct map fills the lower half of the kernel's addresses, before that the upper.
  const bases = [2n ** 64n - 2n ** BigInt(configured), 2n ** 64n - 2n ** BigInt(configured - 1)];
  const image = Number(settled.imageDelta + (info.symbols.get('init_uts_ns') ?? 0n));
  const direct = bases
    .map((base) => directMap(physical, base - start, Number(start > 0n ? start : 0n)))
    .find((map) => isMapped(map, settled.tables.walk, physical, image));
  return finish(claims, 'aarch64', settled, direct ? [direct] : [], direct);
}

/** From 36 to 52; what else VMCOREINFO says is damage. */
const addressBits = (n: bigint | undefined): number | undefined =>
  n !== undefined && n >= 36n && n <= 52n ? Number(n) : undefined;

/**
 * Whether the tables agree with a direct map: at the page of the image at `known`, or, where that table is damaged, at
 * most of a few pages that the dump holds.
 */
function isMapped(map: LinearMap, tables: PageTables, physical: PhysicalMemory, known: number): boolean {
  const agrees = (at: number): boolean => tables.translate(map.virtual + BigInt(at - map.physical)) === at;
  if (agrees(known)) return true;
  let [agreed, tried] = [0, 0];
  const first = Math.floor(map.physical / physical.pageSize);
  const step = Math.max(1, Math.floor((physical.endFrame - first) / 64));
  for (let frame = first; frame < physical.endFrame && tried < 64; frame += step) {
    if (physical.state(frame) !== 'present') continue;
    tried++;
    if (agrees(frame * physical.pageSize)) agreed++;
  }
  return agreed > 0 && agreed >= tried / 2;
}

function directMap(physical: PhysicalMemory, offset: bigint, start: number): LinearMap {
  const end = physical.endFrame * physical.pageSize;
  return { virtual: offset + BigInt(start), physical: start, size: BigInt(Math.max(0, end - start)) };
}

interface Settled {
  readonly imageDelta: bigint;
  readonly tables: { readonly walk: PageTables; readonly format: TableFormat };
  readonly problems: readonly Problem[];
}

/** `shift`: log2 of the steps in which an image may lie in physical memory. */
function settle(
  claims: DumpClaims,
  claimed: readonly bigint[],
  formats: readonly TableFormat[],
  root: bigint | undefined,
  shift: number,
): Settled | undefined {
  const { info, physical, file } = claims;
  const stext = info.symbols.get('_stext');
  if (root === undefined || stext === undefined) return undefined;
  const tablesOf = (imageDelta: bigint): Settled['tables'] | undefined => {
    for (const format of formats) {
      const at = Number(root + imageDelta);
      if (at < 0 || at >= physical.endFrame * physical.pageSize) continue;
      const walk = new PageTables(physical, at, format);
      if (walk.translate(stext) === Number(stext + imageDelta)) return { walk, format };
    }
    return undefined;
  };
  for (const imageDelta of new Set(claimed)) {
    if (!holdsName(claims, imageDelta)) continue;
    const tables = tablesOf(imageDelta);
    if (!tables) continue;
    const wrong =
      imageDelta === claimed[0]
        ? []
        : ['what VMCOREINFO or the header says of where the kernel lies is wrong; another claim fits'];
    return { imageDelta, tables, problems: wrong.map((problem) => ({ problem, at: nowhere(file) })) };
  }
  if (!info.symbols.has('init_uts_ns')) return undefined;
  const step = 2n ** BigInt(shift);
  const first = -(stext - (stext % step));
  for (let n = 0n; n * step < BigInt(physical.endFrame) * BigInt(physical.pageSize); n++) {
    const imageDelta = first + n * step;
    const tables = holdsName(claims, imageDelta) ? tablesOf(imageDelta) : undefined;
    if (!tables) continue;
    const problem = 'no claim of the dump about where its kernel lies holds; it was found by searching';
    return { imageDelta, tables, problems: [{ problem, at: nowhere(file) }] };
  }
  return undefined;
}

/** Whether init_uts_ns names this very release where the image would lie. */
function holdsName({ physical, info }: DumpClaims, imageDelta: bigint): boolean {
  const symbol = info.symbols.get('init_uts_ns');
  if (symbol === undefined) return false;
  const at = Number(symbol + imageDelta) + (info.offsets.get('uts_namespace.name') ?? 0);
  if (at < 0 || at + NAME_BYTES > physical.endFrame * physical.pageSize) return false;
  const buffer = new Uint8Array(NAME_BYTES);
  if (physical.read(at, buffer).length > 0) return false;
  const text = new TextDecoder('latin1').decode(buffer);
  // Without OFFSET(uts_namespace.name) (before 5.11) the names stand behind a reference count.
  return text.slice(0, 16).includes('Linux\0') && (info.release === undefined || text.includes(`\0${info.release}\0`));
}

/** struct new_utsname: six fields of 65 bytes; sysname, nodename and release are the first. */
const NAME_BYTES = 16 + 3 * 65 + 1;

const candidates = (n: bigint | undefined): readonly bigint[] => (n === undefined ? [] : [BigInt.asIntN(64, n)]);

const nowhere = (file: string): Problem['at'] => ({ kind: 'bytes', file, offset: 0, length: 0 });

function finish(
  { physical, info }: DumpClaims,
  machine: FoundKernel['machine'],
  { imageDelta, tables, problems }: Settled,
  linear: readonly LinearMap[],
  direct: LinearMap | undefined,
): FoundKernel {
  const memory = new AddressSpace(physical, info.pageSize ?? 4096, tables.walk, linear);
  return { machine, memory, imageDelta, problems, ...(direct ? { directMap: direct } : {}) };
}

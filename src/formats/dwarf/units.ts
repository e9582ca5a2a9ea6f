import type { ByteSource } from '../../base/byte-source.ts';
import type { Problem } from '../../base/errors.ts';
import { readUnsigned } from './bytes.ts';

/** A unit of .debug_info. Offsets from the start of the section, in bytes. */
export interface Unit {
  readonly offset: number;
  readonly end: number;
  /** Where its first entry begins. */
  readonly root: number;
  readonly version: number;
  readonly addressSize: number;
  /** 4, or 8 in the 64-bit format. */
  readonly offsetSize: number;
  readonly abbreviations: number;
}

const LONGEST_HEADER = 40;
const LONG_FORMAT = 0xffffffff;
const DW_UT_TYPE = 2;
const DW_UT_SKELETON = 4;
const DW_UT_SPLIT_TYPE = 6;

/** Unit headers of DWARF 2 to 5 (section 7.5.1), up to the first that cannot be. Units of types alone are left out. */
export function readUnits(info: ByteSource): {
  readonly units: readonly Unit[];
  readonly problems: readonly Problem[];
} {
  const units: Unit[] = [];
  const problems: Problem[] = [];
  const head = new Uint8Array(LONGEST_HEADER);
  for (let offset = 0; offset + 11 < info.size;) {
    const got = info.read(offset, head);
    head.fill(0, got);
    const offsetSize = readUnsigned(head, 0, 4) === LONG_FORMAT ? 8 : 4;
    const lengthEnd = offsetSize === 8 ? 12 : 4;
    const end = offset + lengthEnd + readUnsigned(head, lengthEnd - offsetSize, offsetSize);
    const version = readUnsigned(head, lengthEnd, 2);
    const objection =
      end > info.size
        ? 'runs past the end'
        : version < 2 || version > 5
          ? `is of version ${version}, which is not known`
          : undefined;
    if (objection !== undefined) {
      problems.push({
        problem: `a unit ${objection}; it and what follows is left out`,
        at: { kind: 'bytes', file: info.name, offset, length: lengthEnd + 2 },
      });
      break;
    }
    const unit = readUnit(head, offset, end, version, offsetSize, lengthEnd + 2);
    if (unit) units.push(unit);
    offset = end;
  }
  return { units, problems };
}

function readUnit(
  head: Uint8Array,
  offset: number,
  end: number,
  version: number,
  offsetSize: number,
  behindVersion: number,
): Unit | undefined {
  if (version < 5) {
    const abbreviations = readUnsigned(head, behindVersion, offsetSize);
    const addressSize = head[behindVersion + offsetSize] ?? 0;
    const root = offset + behindVersion + offsetSize + 1;
    return { offset, end, root, version, addressSize, offsetSize, abbreviations };
  }
  const kind = head[behindVersion] ?? 0;
  if (kind === DW_UT_TYPE || kind === DW_UT_SPLIT_TYPE) return undefined;
  const addressSize = head[behindVersion + 1] ?? 0;
  const abbreviations = readUnsigned(head, behindVersion + 2, offsetSize);
  // Skeletons, and what they stand for, have an id of 8 bytes.
  const root = offset + behindVersion + 2 + offsetSize + (kind >= DW_UT_SKELETON ? 8 : 0);
  return { offset, end, root, version, addressSize, offsetSize, abbreviations };
}

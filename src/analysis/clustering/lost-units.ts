import type { Edges } from './components.ts';
import { cutComponents } from './cut-components.ts';
import { Spread } from './spread.ts';
import type { UnreachableNodes } from './unreachable.ts';

const SAMPLES = 32;
/** Of one leading group; units of further shapes are counted, their shape is not. */
const MOST_SHAPES = 4096;

/** The nodes of one group in a unit. */
export interface UnitPart {
  readonly group: number;
  /** Over all units. */
  readonly nodes: number;
}

/** What was leaked together, and how often: a socket with its inode and its security blob. */
export interface LostUnit {
  /** The group that stands for the unit: no other unreachable node points to it, or its nodes are the largest. */
  readonly lead: number;
  /** The most bytes first. */
  readonly parts: readonly UnitPart[];
  /** How many times it was leaked. */
  readonly units: number;
  /** How many of them are made of exactly the same parts, the most frequent ones. */
  readonly alike: number;
  readonly nodes: number;
  readonly bytes: number;
  /** Units with a node that no other unreachable node points to: they begin there. The others are rings. */
  readonly sources: number;
  /** Units that hung together with others, as the elements of a list do, and were told apart. */
  readonly linked: number;
  /** Nodes of the leading group, by rank, spread. */
  readonly samples: readonly number[];
}

/** What units are made of: the group of each rank, and the size of a node of a group, in bytes. */
export interface Grouped {
  readonly groupOf: (rank: number) => number;
  readonly bytesOf: (group: number) => number;
}

/** Units of all that is unreachable, the most bytes first. */
export function lostUnits(graph: Edges, lost: UnreachableNodes, grouped: Grouped): readonly LostUnit[] {
  const { groupOf, bytesOf } = grouped;
  const { pieces, isSource, wasCut } = cutComponents(graph, lost, groupOf, bytesOf);
  const tallies = new Map<number, Tally>();
  const tallyOf = (group: number): Tally => {
    let tally = tallies.get(group);
    if (tally === undefined) tallies.set(group, (tally = new Tally(group)));
    return tally;
  };
  const { starts, members } = pieces;
  for (let i = 0; i + 1 < starts.length; i++) {
    const [from, to] = [starts[i] ?? 0, starts[i + 1] ?? 0];
    const first = members[from] ?? 0;
    // Millions of buffers are millions of units of one node each.
    if (to - from === 1) {
      tallyOf(groupOf(first)).addOne(first, isSource[first] === 1, wasCut[first] === 1);
      continue;
    }
    const unit = members.subarray(from, to);
    const lead = leadOf(unit, isSource, grouped);
    tallyOf(groupOf(lead)).add(unit, lead, groupOf, hasSource(unit, isSource), wasCut[lead] === 1);
  }
  return [...tallies.values()].map((tally) => tally.finish(bytesOf)).toSorted((a, b) => b.bytes - a.bytes);
}

function hasSource(members: Uint32Array, isSource: Uint8Array): boolean {
  for (const rank of members) if (isSource[rank] === 1) return true;
  return false;
}

/** Where a unit begins: the largest of the nodes that nothing points to, else the largest of all. */
function leadOf(members: Uint32Array, isSource: Uint8Array, { groupOf, bytesOf }: Grouped): number {
  let [lead, best, bestGroup] = [members[0] ?? 0, -1, 0];
  for (const rank of members) {
    const group = groupOf(rank);
    const bytes = bytesOf(group) + (isSource[rank] === 1 ? 2 ** 52 : 0);
    // Of groups alike in size always the same one, so that units alike have the same beginning.
    if (bytes > best || (bytes === best && group < bestGroup)) [lead, best, bestGroup] = [rank, bytes, group];
  }
  return lead;
}

/** The units of one leading group. */
class Tally {
  readonly #samples = new Spread(2 * SAMPLES);
  readonly #lead: number;
  readonly #parts = new Map<number, number>();
  /** How often each shape was seen, by a hash that does not depend on the order of its parts. */
  readonly #shapes = new Map<number, number>();
  #units = 0;
  #nodes = 0;
  #ones = 0;
  #sources = 0;
  #linked = 0;

  constructor(lead: number) {
    this.#lead = lead;
  }

  /** A unit that is its leading node alone. */
  addOne(lead: number, isSource: boolean, isLinked: boolean): void {
    this.#ones++;
    this.#count(lead, isSource, isLinked);
  }

  add(
    members: Uint32Array,
    lead: number,
    groupOf: (rank: number) => number,
    isSource: boolean,
    isLinked: boolean,
  ): void {
    this.#nodes += members.length;
    let shape = 0;
    for (const rank of members) {
      const group = groupOf(rank);
      this.#parts.set(group, (this.#parts.get(group) ?? 0) + 1);
      shape = (shape + mix(group)) % 2 ** 48;
    }
    const seen = this.#shapes.get(shape);
    if (seen !== undefined || this.#shapes.size < MOST_SHAPES) this.#shapes.set(shape, (seen ?? 0) + 1);
    this.#count(lead, isSource, isLinked);
  }

  #count(lead: number, isSource: boolean, isLinked: boolean): void {
    this.#units++;
    if (isSource) this.#sources++;
    if (isLinked) this.#linked++;
    this.#samples.add(lead);
  }

  finish(bytesOf: (group: number) => number): LostUnit {
    const bytes = ({ group, nodes }: UnitPart): number => nodes * bytesOf(group);
    if (this.#ones > 0) this.#parts.set(this.#lead, (this.#parts.get(this.#lead) ?? 0) + this.#ones);
    const parts = [...this.#parts]
      .map(([group, nodes]): UnitPart => ({ group, nodes }))
      .toSorted((a, b) => bytes(b) - bytes(a));
    return {
      lead: this.#lead,
      parts,
      units: this.#units,
      alike: Math.max(this.#ones, ...this.#shapes.values()),
      nodes: this.#nodes + this.#ones,
      bytes: parts.reduce((sum, part) => sum + bytes(part), 0),
      sources: this.#sources,
      linked: this.#linked,
      samples: this.#samples.items,
    };
  }
}

/** 47 bits in which each bit of the number counts; sums of them tell sets of groups apart. */
function mix(group: number): number {
  const low = Math.imul((group + 1) ^ (group >>> 16), 0x85ebca6b) >>> 0;
  const high = Math.imul(low ^ (low >>> 13), 0xc2b2ae35) >>> 17;
  return high * 2 ** 32 + low;
}

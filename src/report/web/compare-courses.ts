import type { ComparedCourse, ComparedRow, HostComparison } from '../../findings/host-comparison.ts';
import { spellRate } from '../amounts.ts';
import { html, type Markup } from '../html-markup.ts';

/** What the kernel itself holds: a rise there is memory lost. */
const LOST = new Set(['unexplained', 'slab-unreclaimable', 'vmalloc', 'percpu', 'kernel-stack']);

type Side = 'courseA' | 'courseB';

export const hasCourses = ({ rows }: HostComparison): boolean =>
  rows.some(({ courseA, courseB }) => courseA ?? courseB);

/** What is said of which host loses memory, and of what part of it. */
export interface Loss {
  readonly told: string;
  readonly host: string;
  readonly part: string;
}

/** Which of two hosts loses memory, and how fast; of both the second. Undefined where neither is seen to. */
export function losses(comparison: HostComparison): Loss | undefined {
  const { a, b } = comparison;
  const [lossA, lossB] = [fastest(comparison, 'courseA'), fastest(comparison, 'courseB')];
  if (lossA && lossB)
    return { ...lossB, host: b.host, told: `${a.host} loses ${lossA.words}, and ${b.host} ${lossB.words}.` };
  if (lossB)
    return {
      ...lossB,
      host: b.host,
      told: `${b.host} loses ${lossB.words}; ${a.host} ${calm(comparison, 'courseA')}.`,
    };
  if (lossA)
    return {
      ...lossA,
      host: a.host,
      told: `${a.host} loses ${lossA.words}; ${b.host} ${calm(comparison, 'courseB')}.`,
    };
  return undefined;
}

/** `120 MiB/h in slab, unreclaimable, mostly in kmalloc-128`. */
function fastest({ rows }: HostComparison, side: Side): { readonly part: string; readonly words: string } | undefined {
  const rising = rows.filter((row) => rateOf(row[side]) > 0).toSorted((x, y) => rateOf(y[side]) - rateOf(x[side]));
  const part = rising.find(({ kind, name }) => kind !== 'cache' && LOST.has(name));
  if (!part) return undefined;
  const rate = rateOf(part[side]);
  const cache = rising.find(({ kind }) => kind === 'cache');
  const through =
    cache && part.layer === 'slab-unreclaimable' && rateOf(cache[side]) > rate / 3 ? `, mostly in ${cache.label}` : '';
  const where = part.kind === 'unexplained' ? 'that no counter explains' : `in ${part.label}`;
  return { part: part.name, words: `${spellRate(rate)} ${where}${through}` };
}

function calm({ rows }: HostComparison, side: Side): string {
  const courses = rows.filter(({ kind, name }) => kind !== 'cache' && LOST.has(name)).flatMap((row) => row[side] ?? []);
  if (courses.length === 0) return 'has too few samples to tell';
  return courses.some(({ direction }) => direction === 'unclear') ? 'may lose some, which is not clear yet' : 'nothing';
}

const rateOf = (course: ComparedCourse | undefined): number => course?.bytesPerHour ?? 0;

/** Neither host's changes: a narrow screen need not say so. */
export const isCalm = ({ courseA, courseB }: ComparedRow): boolean =>
  [courseA, courseB].every((course) => course?.bytesPerHour === undefined);

/** A cell of the table: the rate, or in a word that there is none. */
export function courseCell(row: ComparedRow, side: Side): Markup {
  const course = row[side];
  const rate = course?.bytesPerHour;
  return html`<td class="n course" data-value="${rate ?? 0}">
    ${rate === undefined ? course && html`<small>${course.direction}</small>` : spellRate(rate)}
  </td>`;
}

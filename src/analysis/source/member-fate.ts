import type { CUnit } from '../../model/source/c-unit.ts';
import { giverOf } from './api/catalog.ts';
import { isLent, pointsInto } from './api/effects.ts';
import { enclosingCall, isComment, lineBefore, occurrences } from './text-places.ts';

/** What the unit does with what lies in members of one name: `never` means that nobody can free it from there. */
export type MemberFate = 'never' | 'maybe';

/** Names that everything is called by; what is said of one is said of another. */
const MOST_PLACES = 400;

/** Looks at each place of a unit where a member or a global variable is named. Text is enough for that. */
export class MemberFates {
  readonly #unit: CUnit;
  readonly #known = new Map<string, MemberFate>();

  constructor(unit: CUnit) {
    this.#unit = unit;
  }

  /** `isArray`: its elements are meant. `isGlobal`: a variable, named without `->` or `.` before it. */
  fateOf(name: string, isGlobal: boolean, isArray: boolean): MemberFate {
    const key = `${isGlobal ? '' : '.'}${name}${isArray ? '[]' : ''}`;
    const known = this.#known.get(key);
    if (known) return known;
    const fate = this.#workOut(name, isGlobal, isArray);
    this.#known.set(key, fate);
    return fate;
  }

  #workOut(name: string, isGlobal: boolean, isArray: boolean): MemberFate {
    let places = 0;
    for (const file of this.#unit.files) {
      for (const at of occurrences(file, name)) {
        if (++places > MOST_PLACES) return 'maybe';
        if (!isHarmless(file.text, at, name, isGlobal, isArray)) return 'maybe';
      }
    }
    return 'never';
  }
}

/** A place that cannot free it, nor hand it to somebody who could. */
function isHarmless(text: string, at: number, name: string, isGlobal: boolean, isArray: boolean): boolean {
  const before = text.slice(Math.max(0, at - 200), at);
  const behind = text.slice(at + name.length, at + name.length + 120);
  // Of an array each element is what is kept, and what stands behind its index counts.
  const after = isArray ? behind.replace(/^(?:\s*\[[^\]]*\])+/, '') : behind;
  const isMember = /(?:->|\.)\s*$/.test(before);
  // A declaration, another member's name, a word in a comment.
  if (!isGlobal && !isMember) return true;
  if (isGlobal && isMember) return true;
  if (isComment(text, at)) return true;
  if (
    isGlobal &&
    /^\s*(?:static|struct|extern|void|char|unsigned|u?int|long|const|volatile|DEFINE|DECLARE|module_param|MODULE_PARM|EXPORT)\b[^=;(]*$/.test(
      lineBefore(text, at),
    )
  )
    return true;
  // Written, tested, or followed to what it points to.
  if (/^\s*(?:\[[^\]]*\]\s*)?=(?!=)/.test(after)) return true;
  if (/^\s*(?:->|\[|\.)/.test(after)) return !/&\s*$/.test(leading(before));
  if (/^\s*(?:==|!=|&&|\|\||\?)/.test(after) || /!\s*$/.test(leading(before))) return true;
  const call = enclosingCall(before);
  if (call === undefined) return false;
  if (/^(?:if|while|for|switch|sizeof|likely|unlikely|WARN_ON|BUG_ON|IS_ERR|PTR_ERR|typeof)$/.test(call)) return true;
  return giverOf(call) === undefined && (isLent(call) || pointsInto(call));
}

/** What stands before `a->b[i].` of a member. */
const leading = (before: string): string => before.replace(/(?:[\w$]+(?:\[[^\]]*\])?\s*(?:->|\.)\s*)+$/, '');

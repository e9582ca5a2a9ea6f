/** TASK_UNINTERRUPTIBLE with TASK_NOLOAD (0x400, since 4.2): asleep without counting as load. */
const IDLE = 0x402;
/** What of a state is reported; its highest bit decides. Above are hints to the scheduler. */
const REPORTED = 0x7f;
/** Of bits 0 to 6, since 4.14 (commit 8ef9925b02c2); the lower four have been the same since 2.6. */
const LETTERS = ['S', 'D', 'T', 't', 'X', 'Z', 'P'] as const;

/** The letter that ps shows, out of `__state` (`state` before 5.14, commit 2f064a59a11f) and `exit_state`. */
export function stateLetter(state: number, exitState: number): string {
  if ((state & IDLE) === IDLE) return 'I';
  const reported = (state | exitState) & REPORTED;
  return reported === 0 ? 'R' : (LETTERS[31 - Math.clz32(reported)] ?? 'R');
}

/** What work gives, or the error that it throws: so that a test can hold either to what is allowed. */
export function outcomeOf<T>(work: () => T): T | Error {
  try {
    return work();
  } catch (cause) {
    return cause instanceof Error ? cause : new Error(String(cause));
  }
}

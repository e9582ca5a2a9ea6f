/** Types lack what a walk needs: another kernel than any known, or types that do not belong to the dump. */
export class LayoutError extends Error {
  override readonly name = 'LayoutError';
}

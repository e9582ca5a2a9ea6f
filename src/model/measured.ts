/** Measured, or not and why. "Not measured" is never zero. */
export type Measured<T> =
  { readonly state: 'measured'; readonly value: T } | { readonly state: 'missing'; readonly because: string };

export const measured = <T>(value: T): Measured<T> => ({ state: 'measured', value });
export const missing = (because: string): Measured<never> => ({ state: 'missing', because });

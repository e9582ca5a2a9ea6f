type Stated<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** The members that have a value: what a report does not state is absent from its record, not undefined. */
export function stated<T extends object>(members: T): Stated<T> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the filter leaves out exactly what the type makes optional
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Stated<T>;
}

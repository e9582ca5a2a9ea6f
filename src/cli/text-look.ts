/** How text for people is laid out on standard output: colour and width only where it is a terminal. */
export function textLook(given: { readonly color?: boolean; readonly output?: string }): {
  readonly width: number;
  readonly colour: boolean;
} {
  const toTerminal = given.output === undefined && process.stdout.isTTY;
  return {
    width: toTerminal ? Math.min(140, Math.max(60, process.stdout.columns)) : 100,
    colour: toTerminal && given.color !== false && (process.env['NO_COLOR'] ?? '') === '',
  };
}

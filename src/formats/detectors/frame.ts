/** One frame of a kernel stack trace. */
export interface Frame {
  /** Function without offset and compiler suffixes kept as printed (`foo.constprop.0`); '' where only an address is known. */
  readonly symbol: string;
  /** Module in brackets, without them. */
  readonly module?: string;
  /** `file.c:123`, where the report was decoded. */
  readonly source?: string;
  /** True where decoding marked it `[inline]`. */
  readonly inlined?: true;
  /** As printed, where it is one; hashed and hidden pointers are left out. */
  readonly address?: string;
}

const FRAME =
  /^\s*(?:\[<(?<bracketed>[^>]*)>\]|\[(?<bare>[0-9a-f]{8,16})\])?\s*(?:\? )?(?<symbol>[A-Za-z_.$][\w.$:~]*|0x[0-9a-f]+)(?:\+0x[0-9a-f]+\/0x[0-9a-f]+)?(?:\s+\[(?<module>[\w-]+)(?:\s[^\]]*)?\])?(?:\s+(?<source>(?:[\w.+-]*\/)*[\w.+-]+\.[chSrs]+:\d+))?(?<inlined>\s+\[inline\])?\s*$/;

/** As scripts/decode_stacktrace.sh rewrites it: `alloc_tty_struct (drivers/tty/tty_io.c:3106 (discriminator 2)) tty`. */
const DECODED =
  /^\s*(?:\[<(?<bracketed>[^>]*)>\]\s)?(?:\? )?(?<symbol>[A-Za-z_.$][\w.$]*) \((?<source>[\w.+/-]+:\d+)[^()]*(?:\([^()]*\)[^()]*)?\)(?: \[?(?<module>\w[\w-]*)\]?)?\s*$/;

/** Longer lines are no frames: a symbol has 512 characters at most. */
const LONGEST = 2_000;

/** Reads one line of a stack trace, or gives undefined where it is none. */
export function parseFrame(text: string): Frame | undefined {
  if (text.length > LONGEST) return undefined;
  const g = FRAME.exec(text)?.groups ?? DECODED.exec(text)?.groups;
  if (!g) return undefined;
  const symbol = g['symbol'] ?? '';
  const bare = symbol.startsWith('0x');
  if (bare && /^0xf+$/.test(symbol)) return undefined;
  return {
    symbol: bare ? '' : symbol,
    ...(g['module'] === undefined ? {} : { module: g['module'] }),
    ...(g['source'] === undefined ? {} : { source: g['source'] }),
    ...(g['inlined'] === undefined ? {} : { inlined: true as const }),
    ...shownAddress(bare ? symbol : (g['bracketed'] ?? g['bare'] ?? '')),
  };
}

/** Hidden pointers, `(____ptrval____)`, are left out. */
const shownAddress = (address: string): Pick<Frame, 'address'> =>
  /^(0x)?[0-9a-f]{8,16}$/.test(address) ? { address } : {};

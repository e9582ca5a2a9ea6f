/** How a line of a stack trace looks in a detector's report: cheap to ask, and stricter than `parseFrame`. */
const FRAME_LINE =
  /^(?:\[<[^>]{0,40}>\]\s?|\[[0-9a-f]{8,16}\]\s)?(?:0x[0-9a-f]{6,16}$|[A-Za-z_.$][\w.$:~]{0,512}(?:\+0x[0-9a-f]+\/0x[0-9a-f]+(?:\s.{0,600})?$|\s\(?[\w./+-]{1,400}\.[chSrs]{1,2}:\d{1,7}(?:[\s)].{0,300})?$))/;

/** A frame for sure: it has an offset, a line of source, or nothing but an address. Expects the text trimmed. */
export const isStackLine = (text: string): boolean => text.length < 2_000 && FRAME_LINE.test(text);

/** What is left of a frame that was torn. */
export const isTornStackLine = (text: string): boolean =>
  /^\[<|^[A-Za-z_.$][\w.$:~]{0,512}\+0x?[0-9a-f]*\/?(?:0x?)?[0-9a-f]*$/.test(text);

/** A line of source that mail or a tracker broke off its frame: `drivers/usb/core/urb.c:74`, `[cfg80211]`. */
export const isFrameTail = (text: string): boolean =>
  /^(?:\[[\w-]{1,64}\]|[\w./+-]{1,400}\.[chSrs]{1,2}:\d{1,7}(?: \[inline\])?)$/.test(text);

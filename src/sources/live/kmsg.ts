/** `6,339,5140900,-,caller=T1;text`: priority and facility, number, microseconds since boot, flags, more. */
const RECORD = /^(\d{1,10}),(\d{1,20}),(\d{1,16}),[^;]{0,200};(.*)$/;
const ESCAPED = /\\x([0-9a-f]{2})/g;
/** What a firewall and the audit subsystem log: nothing about memory, much about whoever uses the host. */
const BESIDE_THE_POINT = /^audit(?:_printk_skb)?[:(]|^type=\d+ audit\(|\bIN=\S* OUT=\S* .*\bSRC=/;

/**
 * Turns records of /dev/kmsg into the lines that dmesg prints, `[    5.140900] text`, without their dictionary lines. Left
 * out is what cannot matter: what programs wrote into the log (any facility but the kernel's), audit and firewall.
 *
 * Written by kernel/printk/printk.c, devkmsg_read(): control characters, backslash and non-ASCII are escaped as \xNN.
 */
export function dmesgLines(records: string): string {
  const lines: string[] = [];
  for (const line of records.split('\n')) {
    const [, level, , microseconds, text] = RECORD.exec(line) ?? [];
    if (microseconds === undefined || text === undefined || Number(level) >> 3 !== 0) continue;
    if (BESIDE_THE_POINT.test(text)) continue;
    const stamp = `[${(Number(microseconds) / 1e6).toFixed(6).padStart(12)}] `;
    for (const part of unescape(text).split('\n')) lines.push(stamp + part);
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function unescape(text: string): string {
  if (!text.includes('\\x')) return text;
  const bytes = text.replace(ESCAPED, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

import type { KnownIssue } from '../issue.ts';

export const k0048: KnownIssue = {
  id: 'K-0048',
  title: 'Unix sockets: out-of-band messages keep a struct pid (cache pid)',
  cause:
    "queue_oob() notes the sender's credentials in the message without the destructor that gives the reference on the pid back. Each MSG_OOB on a stream socket that passes credentials leaves one.",
  fix: 'Linux 5.15.103, 6.1.20, 6.2.7 or 6.3.',
  fixedIn: 'Linux 5.15.103, 6.1.20, 6.3 (commit 2aab4b969002)',
  status: 'fixed',
  certainty: 'confirmed',
  references: ['2aab4b969002', '314001f0bf92', 'https://www.cve.org/CVERecord?id=CVE-2023-53136'],
  signature: {
    caches: ['pid'],
    functions: ['queue_oob', 'unix_stream_sendmsg'],
    kernel: [
      { from: '5.15', before: '5.15.103' },
      { from: '5.16', before: '6.1.20' },
      { from: '6.2', before: '6.2.7' },
    ],
    weight: { identifies: [['functions', 'kernel', 'caches']], suggests: [['functions', 'kernel']] },
  },
  words: ['pid', 'queue_oob', 'MSG_OOB', 'unix', 'struct pid', '5.15.30'],
};
